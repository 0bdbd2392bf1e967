import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds that an interpreter may take to say what it is. */
const TIMEOUT = 10_000;

/** Runs an interpreter with a question of ours and an environment of its own, and gives what it prints. */
export async function ask(path: string, args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8' };
  const { stdout } = await run(path, args, { timeout: TIMEOUT, env, cwd: '/' });
  return stdout.trim();
}
