import { closeSync, openSync, readSync } from 'node:fs';
import { BufferPool } from '../buffer-pool.ts';

/** Bytes that are read at once. */
const CHUNK_BYTES = 256 * 1024;

const pool = new BufferPool(CHUNK_BYTES, 16);

/** A file that may still grow, always by whole lines. */
export interface Growing {
  /** Bytes that are there. */
  size(): number;
  /** Whether no more will come. */
  ended(): boolean;
  /** Resolves when more is there, or the file has ended, or on the signal. */
  grown(signal: AbortSignal): Promise<void>;
}

/**
 * Whole lines of a file, without the first `skip` of them, in chunks as they come. A chunk's memory is used again: it
 * is valid until the next one is asked for. A last line that has no end (a torn write) is left out.
 *
 * Reading is synchronous: what was written a moment ago is in the page cache, and a call costs less than a thread.
 */
export async function* followLines(
  path: string,
  file: Growing,
  skip: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let buffer = pool.take();
  let position = 0;
  let left = skip;
  const fd = openSync(path, 'r');
  try {
    while (!signal.aborted) {
      const available = file.size() - position;
      if (available === 0) {
        if (file.ended()) return;
        await file.grown(signal);
        continue;
      }
      const length = readSync(fd, buffer, 0, Math.min(buffer.length, available), position);
      const end = buffer.lastIndexOf(10, length - 1) + 1;
      if (end === 0) {
        if (length < buffer.length) return;
        buffer = Buffer.allocUnsafeSlow(buffer.length * 2);
        continue;
      }
      let start = 0;
      for (; left > 0 && start < end; left--) start = buffer.indexOf(10, start) + 1;
      position += end;
      if (start < end) yield buffer.subarray(start, end);
    }
  } finally {
    pool.give(buffer);
    closeSync(fd);
  }
}
