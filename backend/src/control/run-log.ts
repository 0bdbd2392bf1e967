import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { endLost } from '../store/journal/end-lost.ts';
import { isLost } from '../store/journal/lease.ts';
import { SegmentReader, type Position } from '../store/journal/segment-reader.ts';
import { runKeys, type RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';
import { addToInbox } from './inbox.ts';

/** Milliseconds between two looks for the next segment. */
const INTERVAL = 200;

/** Bytes of a journal that is put together at most. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

const LINE_FEED = 10;

export interface RunLogOptions {
  store: Store;
  runId: string;
  /** When the run was claimed. */
  started: number;
  /** Milliseconds after which a runner that shows no sign of life is given up. */
  lease: number;
  /** Whether a run that no runner has is gone on with in the epoch that comes next. */
  goesOn: (at: Position) => Promise<boolean>;
}

/** The journal of a run as control reads it: as a whole once it has ended, from its segments until then. */
export class RunLog {
  readonly #options: RunLogOptions;
  readonly #keys: RunKeys;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.#keys = runKeys(options.runId);
  }

  /** Whether a runner has taken the run. */
  async begun(): Promise<boolean> {
    return (await this.#options.store.look(this.#keys.segment(1, 1))) !== undefined;
  }

  /** The journal, where it was put together, which is done when the run has ended. */
  async #whole(): Promise<Buffer | undefined> {
    const found = await this.#options.store.get(this.#keys.journal);
    return found === undefined || found.bytes.length === 0 ? undefined : found.bytes;
  }

  /**
   * Whole lines of events after number `after`, as they come, until the end of the run or the signal. A runner that is lost
   * is given its end. Whoever has been told more than was kept in the end gets the end under the next number.
   */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const whole = await this.#whole();
    if (whole !== undefined) {
      yield linesAfter(whole, after);
      return;
    }
    const { store, runId } = this.#options;
    const reader = new SegmentReader(store, this.#keys);
    while (!signal.aborted) {
      const segment = await reader.next();
      if (segment !== undefined) {
        const lines = segment.terminal ? linesAfter(segment.lines, after) : rest(segment.lines, after);
        if (lines.length > 0) yield lines;
      }
      if (reader.ended) return;
      if (segment === undefined && !(await this.#endWhereLost(reader, store, runId)))
        await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** How the run stands now: the type of its last event where that is its end. One whose runner is lost is ended. */
  async state(): Promise<'running' | 'completed' | 'failed' | 'cancelled'> {
    const { store, runId } = this.#options;
    const reader = new SegmentReader(store, this.#keys);
    for (;;) {
      const segment = await reader.next();
      if (segment?.terminal === true) return endOf(segment.lines);
      if (segment === undefined && !(await this.#endWhereLost(reader, store, runId))) return 'running';
    }
  }

  /**
   * Puts the segments of a run that has ended together; of one that would not fit into memory it notes the end alone.
   * Whoever does it again changes nothing.
   */
  async compact(): Promise<'running' | 'completed' | 'failed' | 'cancelled'> {
    const { store } = this.#options;
    const reader = new SegmentReader(store, this.#keys);
    let all: Buffer[] = [];
    let bytes = 0;
    let last: Buffer | undefined;
    for (let next = await reader.next(); next !== undefined; next = await reader.next()) {
      last = next.lines;
      bytes += last.length;
      if (bytes <= MAX_WHOLE_BYTES) all.push(last);
      else all = [];
    }
    if (!reader.ended || last === undefined) return 'running';
    await store.put(this.#keys.journal, Buffer.concat(all), { ifNoneMatch: '*' });
    return endOf(last);
  }

  async #endWhereLost({ position }: SegmentReader, store: Store, runId: string): Promise<boolean> {
    const { started, lease } = this.#options;
    // What is not begun was claimed by this clock; what was written has the store's.
    const now = position.written === undefined ? Date.now() : store.now();
    if (!(await isLost(store, this.#keys, position, { started, milliseconds: lease, now }))) return false;
    if (position.epoch > 1 && position.index === 1 && (await this.#options.goesOn(position))) return false;
    // Should its runner live after all, and have been fenced off, it stops, whether it has anything to tell or not.
    if (await endLost(store, runId, this.#keys, position, { claimed: started, now: Date.now() }))
      await addToInbox(store, this.#keys, { kind: 'cancel' });
    return true;
  }
}

const parsed = (line: Buffer) => JSON.parse(line.toString()) as { seq: number; type: string };

/** Where the last of some whole lines begins. */
const lastStart = (lines: Buffer): number =>
  lines.length < 2 ? 0 : lines.lastIndexOf(LINE_FEED, lines.length - 2) + 1;

function endOf(lines: Buffer): 'running' | 'completed' | 'failed' | 'cancelled' {
  const last = parsed(lines.subarray(lastStart(lines)));
  return isTerminal(last) ? last.type : 'running';
}

/** Lines whose numbers are higher. */
function rest(lines: Buffer, after: number): Buffer {
  const first = lines.indexOf(LINE_FEED) + 1;
  let skip = after - parsed(lines.subarray(0, first)).seq + 1;
  let from = 0;
  for (; skip > 0 && from < lines.length; skip--) from = lines.indexOf(LINE_FEED, from) + 1;
  return lines.subarray(from);
}

/** The same of lines with the end of the run, of which the end is left in any case. */
function linesAfter(lines: Buffer, after: number): Buffer {
  const left = rest(lines, after);
  if (left.length > 0) return left;
  return Buffer.from(encodeFrame({ ...parsed(lines.subarray(lastStart(lines))), seq: after + 1 }));
}
