import { spawn } from 'node:child_process';
import { PLAIN_ENVIRONMENT } from './python.ts';
import type { Timed } from './timed.ts';

export interface Command {
  file: string;
  args: string[];
  cwd: string;
  /** Whether `file` is a line for the shell. */
  shell?: boolean;
  env?: NodeJS.ProcessEnv;
}

/**
 * Starts a program as any Node program would, reads its output from the pipe, and times it.
 * @throws Error when it does not end with 0, with what it said
 */
export function timedProcess({
  file,
  args,
  cwd,
  shell = false,
  env = PLAIN_ENVIRONMENT,
}: Command): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const timed: Timed = { ms: 0, firstMs: Number.NaN, bytes: 0 };
    let said = '';
    const child = spawn(file, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => {
      if (timed.bytes === 0) timed.firstMs = performance.now() - started;
      timed.bytes += chunk.length;
    });
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      timed.ms = performance.now() - started;
      if (code === 0) resolve(timed);
      else reject(new Error(`${file} ended with ${String(code ?? signal)}: ${said.slice(-2000)}`));
    });
  });
}
