import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

/** How a command line ended. */
export interface Ended {
  /** The exit code, or the signal that it died of. */
  code: number | NodeJS.Signals;
  stdout: string;
  /** What came on standard output, byte for byte. */
  bytes: Buffer;
  stderr: string;
}

/** A command line that goes on. */
export interface Started {
  child: ChildProcess;
  /** Resolves when standard output holds a text. Rejects when the process ends without it. */
  shown: (text: string) => Promise<void>;
  ended: Promise<Ended>;
}

export interface StartOptions extends SpawnOptions {
  /** What stands on its standard input; nothing where absent. */
  input?: string | Buffer;
}

/** Starts a program and collects what it writes. */
export function start(program: string, args: string[], { input, ...options }: StartOptions): Started {
  const child = spawn(program, args, { stdio: 'pipe', ...options });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => out.push(part));
  child.stderr?.on('data', (part: Buffer) => err.push(part));
  // A program that refuses its command line reads no input.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const ended = (async (): Promise<Ended> => {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    const bytes = Buffer.concat(out);
    const stderr = Buffer.concat(err).toString();
    return { code: code ?? signal ?? 'SIGKILL', stdout: bytes.toString(), bytes, stderr };
  })();
  const shown = async (text: string): Promise<void> => {
    const isThere = (): boolean => Buffer.concat(out).includes(text);
    const over = ended.then(({ code, stderr }) => {
      assert(isThere(), `it ended with ${String(code)} and without ${JSON.stringify(text)}: ${stderr}`);
    });
    while (!isThere()) await Promise.race([over, child.stdout && once(child.stdout, 'data')]);
  };
  return { child, shown, ended };
}
