import { existsSync } from 'node:fs';
import { CannotRun } from './row.ts';

/** The interpreter of both sides: one under /usr, which is all that the plain box shows of the machine. */
const SYSTEM_PYTHON = '/usr/bin/python3';

/** @throws CannotRun where the machine has none */
export function systemPython(): string {
  if (existsSync(SYSTEM_PYTHON)) return SYSTEM_PYTHON;
  throw new CannotRun(`there is no ${SYSTEM_PYTHON}; on Debian: apt-get install -y python3-minimal`);
}

/** The environment of a program that is started without Offload: no more than it gives. */
export const PLAIN_ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/tmp',
  LANG: 'C.UTF-8',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUTF8: '1',
};
