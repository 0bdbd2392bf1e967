import { open } from 'node:fs/promises';

const CHUNK_BYTES = 256 * 1024;

export interface LinesChunk {
  /** Whole lines; empty when all of them were skipped. */
  lines: Buffer;
  /** Where in the file they end. */
  end: number;
  /** Lines that are still to be skipped. */
  left: number;
}

/**
 * Whole lines of a file, between two offsets that are ends of lines, without the first `skip` of them. A last line
 * that has no end (a torn write) is left out.
 */
export async function* readLines(
  path: string,
  range: { from: number; to: number; skip: number },
  signal?: AbortSignal,
): AsyncGenerator<LinesChunk, void, undefined> {
  let { from: position, skip } = range;
  let held = Buffer.alloc(0);
  const file = await open(path);
  try {
    while (position + held.length < range.to && signal?.aborted !== true) {
      const wanted = Math.min(CHUNK_BYTES, range.to - position - held.length);
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(wanted),
        0,
        wanted,
        position + held.length,
      );
      if (bytesRead === 0) return;
      const bytes =
        held.length === 0
          ? buffer.subarray(0, bytesRead)
          : Buffer.concat([held, buffer.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(10) + 1;
      let start = 0;
      while (skip > 0 && start < end) {
        start = bytes.indexOf(10, start) + 1;
        skip--;
      }
      position += end;
      held = bytes.subarray(end);
      yield { lines: bytes.subarray(start, end), end: position, left: skip };
    }
  } finally {
    await file.close();
  }
}
