import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';
import type { Folders } from './folders.ts';

/** Bytes of log that are kept from one start to the next. */
const MAX_BYTES = 1024 * 1024;

/** Where the server of this user says what went wrong. */
const serverLog = (folders: Folders): string => join(folders.state, 'server.log');

/** The log of a server that is being started, open for it to write to. */
export interface StartLog {
  path: string;
  fd: number;
  /** What was said since, in one line: the last error where there is one, else the last line. */
  lastWords(): string;
  close(): void;
}

/** @throws OffloadError `no-backend` where the state folder takes no log */
export async function openLog(folders: Folders): Promise<StartLog> {
  const path = serverLog(folders);
  try {
    await mkdir(folders.state, { recursive: true, mode: 0o700 });
    const before = (await stat(path).catch(() => undefined))?.size ?? 0;
    const afresh = before > MAX_BYTES;
    const fd = openSync(path, afresh ? 'w' : 'a', 0o600);
    return {
      path,
      fd,
      lastWords: () =>
        lastWords(
          readFileSync(path)
            .subarray(afresh ? 0 : before)
            .toString('utf8'),
        ),
      close: () => {
        closeSync(fd);
      },
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('no-backend', `The local backend has no place for its state: ${reason}.`, {
      fix: 'Set XDG_STATE_HOME to a folder that you can write to.',
      cause,
    });
  }
}

function lastWords(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /^(Uncaught )?\w*Error\b/.test(line)) ?? lines.at(-1)?.trim() ?? '';
}
