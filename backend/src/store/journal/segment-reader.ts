import { OffloadError } from '../../../../src/protocol/error.ts';
import type { RunKeys } from '../run-keys.ts';
import type { Store, Stored } from '../store.ts';
import { parseSegment, type Segment } from './segment.ts';

/** Segments that are asked for at once at most, while there are more: one at first, and twice as many each time. */
const MAX_AHEAD = 8;

/** Bytes of a segment at most: several times what a runner writes at once. */
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;

/** The place of the next segment, and the number of the last event before it. */
export interface Position {
  epoch: number;
  index: number;
  seq: number;
  /** When the segment before it was written; undefined at the beginning. */
  written: number | undefined;
}

/**
 * Reads a journal from its segments, in order, across epochs. All who read it read the same: what comes after a fence in
 * its epoch does not count, nor does what is no segment, which ends its epoch as a fence does.
 */
export class SegmentReader {
  readonly #store: Pick<Store, 'get'>;
  readonly #keys: Pick<RunKeys, 'segment'>;
  #position: Position = { epoch: 1, index: 1, seq: 0, written: undefined };
  #ended = false;
  #ahead: Promise<Stored | undefined>[] = [];
  #depth = 1;

  constructor(store: Pick<Store, 'get'>, keys: Pick<RunKeys, 'segment'>) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Where the journal is read to. */
  get position(): Position {
    return this.#position;
  }

  /** Whether the end of the run was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next segment that has events; undefined where there is none yet, or none any more. */
  async next(): Promise<Segment | undefined> {
    while (!this.#ended) {
      const { epoch, index, seq } = this.#position;
      const found = await (this.#ahead.shift() ?? this.#get(epoch, index));
      if (found === undefined) {
        this.#ahead = [];
        this.#depth = 1;
        return undefined;
      }
      const segment = parseSegment(found.bytes, seq);
      const written = found.modified;
      if (segment === undefined || segment.fence !== undefined) {
        this.#ahead = [];
        const later = Math.max(segment?.fence ?? 0, epoch + 1);
        this.#position = { epoch: later, index: 1, seq, written };
        continue;
      }
      this.#position = { epoch, index: index + 1, seq: segment.seq, written };
      this.#ended = segment.terminal;
      if (!this.#ended) this.#readAhead();
      if (segment.lines.length > 0) return segment;
    }
    return undefined;
  }

  #readAhead(): void {
    const { epoch, index } = this.#position;
    while (this.#ahead.length < this.#depth) {
      const next = this.#get(epoch, index + this.#ahead.length);
      // Whoever comes to it sees the failure.
      next.catch(() => undefined);
      this.#ahead.push(next);
    }
    this.#depth = Math.min(MAX_AHEAD, this.#depth * 2);
  }

  async #get(epoch: number, index: number): Promise<Stored | undefined> {
    const key = this.#keys.segment(epoch, index);
    try {
      return await this.#store.get(key, { maxBytes: MAX_SEGMENT_BYTES });
    } catch (error) {
      if (!(error instanceof OffloadError && error.code === 'too-large')) throw error;
      // It is none, whoever wrote it, and no sign of life.
      return { bytes: Buffer.alloc(0), etag: '', modified: 0 };
    }
  }
}
