import { createInterface } from 'node:readline';
import { oneLine } from './say.ts';

/**
 * Asks on standard error and takes a line of standard input, a terminal or not; undefined where it has ended.
 * @throws the signal's reason
 */
export async function askLine(question: string, signal?: AbortSignal): Promise<string | undefined> {
  signal?.throwIfAborted();
  process.stderr.write(oneLine(question));
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(undefined));
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  } finally {
    lines.close();
    // A terminal that is listened to keeps the process.
    process.stdin.pause();
  }
}
