import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ScannedFile, ScanResult } from './scanned-file.ts';

/** Files that a thread is given at a time. */
const BATCH = 64;

/** Threads at most. One processor is left to the rest. */
const MAX_THREADS = 4;

export interface Scan {
  /** The file of the thread's program. */
  readonly scanner: string;
  readonly files: readonly ScannedFile[];
  /** Is told what came of each file. What it throws ends the scan. */
  readonly each: (file: ScannedFile, result: ScanResult) => void;
  readonly signal: AbortSignal | undefined;
}

/** Scans files in threads of their own. @throws the signal's reason; what a thread fails with */
export async function scanAll({ scanner, files, each, signal }: Scan): Promise<void> {
  signal?.throwIfAborted();
  const wanted = Math.ceil(files.length / BATCH);
  const count = Math.min(wanted, MAX_THREADS, Math.max(1, availableParallelism() - 1));
  const threads = Array.from({ length: count }, () => new Worker(scanner));
  let next = 0;
  const work = async (thread: Worker): Promise<void> => {
    while (next < files.length) {
      const batch = files.slice(next, (next += BATCH));
      thread.postMessage(batch);
      const [results] = (await once(thread, 'message', { signal })) as [readonly ScanResult[]];
      for (const [index, file] of batch.entries()) each(file, results[index] ?? 'changed');
    }
  };
  try {
    await Promise.all(threads.map(work));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
