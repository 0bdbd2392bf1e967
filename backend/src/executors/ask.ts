import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds that an interpreter may take to say what it is. */
const TIMEOUT = 10_000;

/**
 * Runs an interpreter with a question of ours and an environment of its own, and gives what it prints.
 * @throws Error that says in one line why there is no answer
 */
export async function ask(path: string, args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8' };
  try {
    const { stdout } = await run(path, args, { timeout: TIMEOUT, env, cwd: '/' });
    return stdout.trim();
  } catch (cause) {
    throw new Error(why(cause as Failure), { cause });
  }
}

/** What a child process fails with; see child_process.execFile. */
interface Failure {
  code?: string | number | null;
  killed?: boolean;
  signal?: string | null;
  stderr?: string;
}

function why({ code, killed, signal, stderr }: Failure): string {
  if (killed === true) return `it gave no answer in ${String(TIMEOUT / 1000)} s`;
  if (typeof code === 'string') return `it cannot be started (${code})`;
  const said = stderr?.trim().split('\n').at(-1) ?? '';
  return `it ended with ${String(code ?? signal)}${said === '' ? '' : `: ${said.slice(0, 200)}`}`;
}
