import { appendFile, open, stat, truncate } from 'node:fs/promises';
import { OffloadError, type WireError } from '../../../src/protocol/error.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { followLines } from './follow-lines.ts';

/** Bytes from the end of a journal that surely hold its last line. */
const TAIL_BYTES = 1024 * 1024;

/** The lines after number `after` of a journal that nothing is written to any more, as {@link followLines} gives them. */
export async function* readJournal(
  path: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const { size } = await stat(path);
  const whole = { size: () => size, ended: () => true, grown: () => Promise.resolve() };
  yield* followLines(path, whole, after, signal);
}

/** The last whole line of a journal, parsed; undefined for an empty one. */
export async function lastEvent(path: string): Promise<{ type: string; seq: number } | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const end = buffer.lastIndexOf(10);
    if (end === -1) return undefined;
    const start = buffer.lastIndexOf(10, end - 1) + 1;
    return JSON.parse(buffer.toString('utf8', start, end)) as { type: string; seq: number };
  } finally {
    await file.close();
  }
}

/**
 * Gives a journal whose writer is gone its end: a torn last line is cut, and a `failed` event with code `backend-lost`
 * is written. One that has its terminal event is left as it is.
 */
export async function endLostJournal(path: string): Promise<void> {
  // A backend may end between claiming a run and writing its first event.
  await appendFile(path, '', { mode: 0o600 });
  await cutTornLine(path);
  const last = await lastEvent(path);
  if (last !== undefined && isTerminal(last)) return;
  const error: WireError = new OffloadError('backend-lost', 'The backend ended while the program ran.', {
    fix: 'Run it again. What came before is kept.',
  }).toWire();
  const event = {
    seq: (last?.seq ?? 0) + 1,
    time: Date.now(),
    type: 'failed',
    error,
    usage: { wallMs: 0, outputBytes: 0 },
  };
  await appendFile(path, encodeFrame(event), { flush: true });
}

async function cutTornLine(path: string): Promise<void> {
  const { size } = await stat(path);
  if (size === 0) return;
  const file = await open(path);
  try {
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const end = buffer.lastIndexOf(10) + 1;
    if (end !== length) await truncate(path, size - length + end);
  } finally {
    await file.close();
  }
}
