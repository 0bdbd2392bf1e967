import { appendFileSync, closeSync, fstatSync, openSync, readSync, rmSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { followLines } from './follow-lines.ts';

/** Bytes from the end of a journal that surely hold its last line. */
const TAIL_BYTES = 1024 * 1024;

/** Milliseconds between two tries to be the one who ends a journal, and after which whoever tried is given up. */
const LOCK_INTERVAL = 5;
const LOCK_TIME = 2000;

/** The lines after number `after` of a journal that nothing is written to any more, as {@link followLines} gives them. */
export async function* readJournal(
  path: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const { size } = readTail(path);
  const whole = { size: () => size, ended: () => true, grown: () => Promise.resolve() };
  yield* followLines(path, whole, after, signal);
}

/** The last whole line of a journal, parsed; undefined where there is none. */
export const lastEvent = (path: string): LastEvent | undefined => readTail(path).last;

export interface LastEvent {
  type: string;
  seq: number;
}

/**
 * Gives a journal whose writer is gone its end, once: a torn last line is cut, and a `failed` event with code
 * `backend-lost` is written. One that has its terminal event is left as it is. Several backends may do it at once.
 */
export async function endLostJournal(path: string): Promise<void> {
  const lock = `${path}.ending`;
  for (let waited = 0; !take(lock); waited += LOCK_INTERVAL) {
    await delay(LOCK_INTERVAL);
    if (waited > LOCK_TIME) rmSync(lock, { force: true });
  }
  try {
    const { last, size, wholeSize } = readTail(path);
    if (last !== undefined && isTerminal(last)) return;
    if (wholeSize < size) truncateSync(path, wholeSize);
    appendFileSync(path, encodeFrame(lostEnd((last?.seq ?? 0) + 1)), { mode: 0o600, flush: true });
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function lostEnd(seq: number): object {
  const error = new OffloadError('backend-lost', 'The backend ended while the program ran.', {
    fix: 'Run it again. What came before is kept.',
  }).toWire();
  return { seq, time: Date.now(), type: 'failed', error, usage: { wallMs: 0, outputBytes: 0 } };
}

interface Tail {
  /** Bytes of the file, and of its whole lines. */
  size: number;
  wholeSize: number;
  last: LastEvent | undefined;
}

/** A file that is not there is empty: a backend may end between claiming a run and writing its first event. */
function readTail(path: string): Tail {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { size: 0, wholeSize: 0, last: undefined };
    }
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(10) + 1;
    const start = end < 2 ? 0 : tail.lastIndexOf(10, end - 2) + 1;
    const last = end === 0 ? undefined : (JSON.parse(tail.toString('utf8', start, end)) as LastEvent);
    return { size, wholeSize: size - tail.length + end, last };
  } finally {
    closeSync(fd);
  }
}
