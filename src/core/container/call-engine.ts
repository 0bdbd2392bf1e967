import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerEngine } from '../../protocol/container.ts';
import { engineTrouble } from '../../protocol/engine-trouble.ts';

const run = promisify(execFile);

/** Milliseconds that a command of an engine may take, but for a build. */
const TIMEOUT = 120_000;

/**
 * What a command of an engine prints.
 * @throws OffloadError in words: `no-engine`, `no-image`, `sandbox-failed`
 */
export async function callEngine(
  { kind, command }: ContainerEngine,
  args: readonly string[],
): Promise<string> {
  const [program = '', ...options] = command;
  try {
    const { stdout } = await run(program, [...options, ...args], {
      timeout: TIMEOUT,
      maxBuffer: 16 * 1024 ** 2,
    });
    return stdout.trim();
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    throw engineTrouble(kind, stderr === undefined || stderr === '' ? message : stderr, cause);
  }
}
