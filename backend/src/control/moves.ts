import * as z from 'zod/mini';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { MAX_CHECKPOINT_BYTES } from '../checkpoint/archive-entry.ts';
import { MAX_MOVES } from '../function-time.ts';
import { endLost } from '../store/journal/end-lost.ts';
import { SegmentReader, type Position } from '../store/journal/segment-reader.ts';
import { runKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';
import { keptAccess } from './own-access.ts';
import type { RunRecord } from './run-record.ts';
import { requestsOf } from './stored-ledger.ts';

/** How often the next epoch of a task is begun at most: an invocation may be lost. */
const MAX_ATTEMPTS = 4;

/** How often its runner may say that it has left: each time it is begun, at once. */
const MAX_TOLD = 16;

/** Leases after which one that has not begun counts as lost. */
const BEGINNING_LEASES = 6;

/** What is kept of a task's move into an epoch. Nobody but control reads it. */
const moveSchema = z.object({
  attempts: z.int(),
  /** How often the runner of the epoch before has said that it has left; only the first time counts as an attempt. */
  told: z.int(),
  /** Calls of the model by then. */
  requests: z.number(),
});
type Move = z.infer<typeof moveSchema>;

export interface MovesServices {
  store: Store;
  signing: () => Promise<string>;
  /** Milliseconds after which a runner that shows no sign of life is given up. */
  lease: number;
  /** Has the runner carry a grant out, without waiting for it. */
  invoke: (grant: Grant) => Promise<void>;
  grant: (
    record: RunRecord,
    epoch: number,
    access: ModelAccess | undefined,
    continued: NonNullable<Grant['continued']>,
  ) => Promise<Grant>;
}

/** Has tasks go on that a runner had no more time for: each in an epoch of its own, from what the one before has left. */
export class Moves {
  readonly #services: MovesServices;

  constructor(services: MovesServices) {
    this.#services = services;
  }

  /**
   * The runner of a task has left it, which it says with the token of its epoch, and says again where it was not heard: then
   * the next epoch is begun again.
   */
  async leave(epoch: number, record: RunRecord): Promise<void> {
    const at = await this.#end(record);
    // The next one has begun, or the task has ended.
    if (at?.epoch !== epoch + 1 || at.index !== 1) return;
    await this.#goOn(record, at, true);
  }

  /**
   * Whether a task whose next epoch nobody has begun goes on: it is begun again where that took too long.
   * @param at the beginning of that epoch
   */
  async goesOn(record: RunRecord, at: Position): Promise<boolean> {
    return (await this.#checkpoint(record, at)) && (await this.#goOn(record, at, false));
  }

  /** Removes what a task that has ended was gone on with from. */
  async forget({ request }: RunRecord): Promise<void> {
    const { store } = this.#services;
    const { moves, checkpoints } = runKeys(request.runId);
    for (const prefix of request.kind === 'task' ? [moves, checkpoints] : [])
      for await (const { key } of store.list(prefix)) await store.delete(key);
  }

  /**
   * @param told whether the runner has said so itself: else it may be about to
   * @returns whether there is anything to wait for
   */
  async #goOn(record: RunRecord, at: Position, told: boolean): Promise<boolean> {
    const { store, signing, lease, invoke, grant } = this.#services;
    const { runId } = record.request;
    const keys = runKeys(runId);
    const key = keys.move(at.epoch);
    const found = await store.get(key);
    const known = found && moveSchema.parse(JSON.parse(found.bytes.toString()));
    if (found === undefined && (await this.#refused(record, at))) return false;
    if (known !== undefined && !told) {
      if (store.now() - (found?.modified ?? 0) < BEGINNING_LEASES * lease) return true;
      if (known.attempts >= MAX_ATTEMPTS) return false;
    }
    if (known !== undefined && told && known.told >= MAX_TOLD) return true;
    const before: Move = known ?? { attempts: 0, told: 0, requests: await requestsOf(store, keys) };
    const move: Move = {
      ...before,
      attempts: before.attempts + (told && before.attempts > 0 ? 0 : 1),
      told: before.told + (told ? 1 : 0),
    };
    const condition = found === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: found.etag };
    // Another one is just doing it.
    if ((await store.put(key, Buffer.from(JSON.stringify(move)), condition)) === undefined) return true;
    const own = await keptAccess(store, keys, await signing());
    const first = await store.look(keys.segment(1, 1));
    const elapsedMs = Math.max(0, store.now() - (first?.modified ?? record.createdAt));
    await invoke(await grant(record, at.epoch, own, { seq: at.seq, elapsedMs }));
    return true;
  }

  /** Ends a task that goes on and on, or gets nowhere. */
  async #refused(record: RunRecord, at: Position): Promise<boolean> {
    const { store } = this.#services;
    const keys = runKeys(record.request.runId);
    if (!(await this.#checkpoint(record, at))) return this.#fail(record, at, 'it left nothing to go on from');
    if (at.epoch > MAX_MOVES + 1) return this.#fail(record, at, 'it went on too often');
    const before = await store.get(keys.move(at.epoch - 1));
    if (before === undefined) return false;
    const { requests } = moveSchema.parse(JSON.parse(before.bytes.toString()));
    if ((await requestsOf(store, keys)) > requests) return false;
    return this.#fail(record, at, 'it made no progress in the whole time of a function');
  }

  async #fail(record: RunRecord, at: Position, why: string): Promise<true> {
    const { store } = this.#services;
    const { runId } = record.request;
    const error = new OffloadError('timeout', `The task does not go on in a fresh function: ${why}.`, {
      fix: 'Run it again, in smaller parts, or on this computer.',
    });
    const times = { claimed: record.createdAt, now: Date.now() };
    await endLost(store, runId, runKeys(runId), at, times, error);
    return true;
  }

  /** Whether the epoch before has left something. */
  async #checkpoint({ request }: RunRecord, { epoch }: Position): Promise<boolean> {
    if (request.kind !== 'task' || epoch < 2) return false;
    const left = await this.#services.store.look(runKeys(request.runId).checkpoint(epoch - 1));
    return left !== undefined && left.size <= MAX_CHECKPOINT_BYTES;
  }

  /** Where the journal is read to; undefined for a task that has ended. */
  async #end({ request }: RunRecord): Promise<Position | undefined> {
    const reader = new SegmentReader(this.#services.store, runKeys(request.runId));
    while ((await reader.next()) !== undefined);
    return reader.ended ? undefined : reader.position;
  }
}
