import { parseRequest, why } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { storedRequestSchema, tenantSchema, uploadRequestSchema } from '../../../src/protocol/lambda.ts';
import type { RunSummary } from '../../../src/protocol/reply.ts';
import type { Request, RunRequest } from '../../../src/protocol/request.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { OLDEST_UNDERSTOOD_VERSION, PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { withHeartbeats } from '../heartbeats.ts';
import { inParallel } from '../in-parallel.ts';
import { endUnbegun } from '../store/journal/end-lost.ts';
import type { Position } from '../store/journal/segment-reader.ts';
import { blobKey, runKeys } from '../store/run-keys.ts';
import { taskEnded } from '../tasks/task-ended.ts';
import { blobFrames } from './blob-frames.ts';
import { Claims } from './claims.ts';
import type { ControlServices } from './control-services.ts';
import { addToInbox } from './inbox.ts';
import { Moves } from './moves.ts';
import { listRuns, noteRun } from './run-index.ts';
import { RunLog } from './run-log.ts';
import { readRecord, type RunRecord } from './run-record.ts';
import type { RunClaims } from './run-token.ts';
import { storedRequest, uploadReply } from './stored-requests.ts';
import { TenantBlobs } from './tenant-blobs.ts';

type Frames = AsyncGenerator<Buffer, void, undefined>;

/** Whoever asks without saying which workspace it is about asks about this one. */
const NO_TENANT = 'none';

/**
 * What runs no code: claims runs, keeps their journals and the files that they need, and answers for them. A request is one
 * of the protocol's, with the workspace's `tenant` besides.
 */
export class Control {
  readonly #services: ControlServices;
  readonly #claims: Claims;
  readonly #moves: Moves;

  constructor(services: ControlServices) {
    this.#services = services;
    const { store, lease, invoke, secret } = services;
    this.#claims = new Claims(services);
    this.#moves = new Moves({
      store,
      lease,
      invoke,
      signing: async () => (await secret()).signing,
      grant: (...wish) => this.#claims.grant(...wish),
    });
  }

  /**
   * The answer to a request, encoded. On the signal it ends, before the run does: the client attaches again.
   * @throws OffloadError for one that cannot be carried out, before the first frame
   */
  async *handle(input: unknown, signal: AbortSignal): Frames {
    const { tenant, message } = addressed(input);
    const upload = uploadRequestSchema.safeParse(message);
    if (upload.success) {
      yield frame(await uploadReply(this.#services.store, this.#blobs(tenant), upload.data));
      return;
    }
    const stored = storedRequestSchema.safeParse(message);
    const request = parseRequest(
      stored.success ? await storedRequest(this.#services.store, tenant, stored.data) : message,
    );
    switch (request.kind) {
      case 'run':
      case 'task':
        yield* this.#claim(tenant, request, signal);
        return;
      case 'attach':
        yield* withHeartbeats((leaving) => this.#follow(request.runId, request.after, leaving), signal);
        return;
      case 'cancel':
        yield* withHeartbeats((leaving) => this.#cancel(request.runId, leaving), signal);
        return;
      case 'input':
        yield* this.#input(request);
        return;
      case 'missing':
        yield frame({ type: 'missing', hashes: await this.#blobs(tenant).missing(request.hashes) });
        return;
      case 'put':
        await this.#blobs(tenant).put(request.parts);
        yield frame({ type: 'done' });
        return;
      case 'blob': {
        const { tenant: own } = await readRecord(this.#services.store, request.runId, runKeys(request.runId));
        const keys = [runKeys(request.runId).blob(request.hash), blobKey(own, request.hash)];
        yield* blobFrames(this.#services.store, keys, request);
        return;
      }
      case 'runs':
        yield* this.#list();
        return;
      case 'environment':
        yield frame(this.#environment());
        return;
      case 'retire':
        throw new OffloadError('not-supported', 'A deployed backend is replaced by deploying another one.');
    }
  }

  /** The runner of a task has no more time for it, and has left it to a further one. */
  async leave(claims: RunClaims): Promise<void> {
    const record = await readRecord(this.#services.store, claims.run, runKeys(claims.run));
    await this.#moves.leave(claims.epoch, record);
  }

  /** Puts the journal of a run that has ended together, and notes its end. */
  async finish(runId: string): Promise<void> {
    const { store } = this.#services;
    const record = await readRecord(store, runId, runKeys(runId));
    const state = await this.#log(runId, record).compact();
    if (state === 'running') return;
    await noteRun(store, record, state);
    await this.#moves.forget(record);
  }

  async *#claim(tenant: string, request: RunRequest | TaskRequest, signal: AbortSignal): Frames {
    const { runId } = request;
    const { record, isNew, grant } = await this.#claims.take(tenant, request);
    // Nobody has begun what was not there.
    if (!isNew && (await this.#log(runId, record).begun())) {
      yield* withHeartbeats((leaving) => this.#follow(runId, 0, leaving), signal);
      return;
    }
    try {
      yield frame(await grant());
    } finally {
      // The run does not wait for it, and has it noted once more at its end.
      await noteRun(this.#services.store, record, 'running').catch((error: unknown) => {
        console.error('note:', error);
      });
    }
  }

  async *#follow(runId: string, after: number, signal: AbortSignal): Frames {
    const record = await readRecord(this.#services.store, runId, runKeys(runId));
    yield* this.#log(runId, record).follow(after, signal);
  }

  async *#cancel(runId: string, signal: AbortSignal): Frames {
    const { store } = this.#services;
    const keys = runKeys(runId);
    const record = await readRecord(store, runId, keys);
    const log = this.#log(runId, record);
    await addToInbox(store, keys, { kind: 'cancel' });
    // Whoever would begin it now finds its place taken.
    if (!(await log.begun())) await endUnbegun(store, runId, keys, record.createdAt, Date.now());
    let last: Buffer | undefined;
    for await (const lines of log.follow(0, signal)) last = lines;
    if (!signal.aborted && last !== undefined)
      yield last.subarray(last.lastIndexOf(LINE_FEED, last.length - 2) + 1);
  }

  async *#input({ runId, input }: Extract<Request, { kind: 'input' }>): Frames {
    const { store } = this.#services;
    const keys = runKeys(runId);
    const record = await readRecord(store, runId, keys);
    if (record.request.kind !== 'task')
      throw new OffloadError('bad-request', 'A run of code takes no input while it runs: a task does.');
    if ((await this.#log(runId, record).state()) !== 'running') throw taskEnded('Start a new task with it.');
    await addToInbox(store, keys, { kind: 'input', input });
    yield frame({ type: 'done' });
  }

  async *#list(): Frames {
    const listed = await listRuns(this.#services.store);
    const gone = new Set<RunSummary>();
    await inParallel(listed, async (summary) => {
      if (summary.state !== 'running') return;
      try {
        summary.state = await this.#stateOf(summary.runId);
      } catch (error) {
        // The others are listed all the same, and it as it was noted last.
        console.error(`state of ${summary.runId}:`, error);
        if (error instanceof OffloadError && error.code === 'unknown-run') gone.add(summary);
      }
    });
    for (const summary of listed) if (!gone.has(summary)) yield frame(summary);
    yield frame({ type: 'done' });
  }

  async #stateOf(runId: string): Promise<RunSummary['state']> {
    const record = await readRecord(this.#services.store, runId, runKeys(runId));
    const state = await this.#log(runId, record).state();
    if (state !== 'running') await this.finish(runId);
    return state;
  }

  #environment(): object {
    const { build, capabilities } = this.#services;
    return {
      type: 'environment',
      build,
      node: process.version,
      versions: { newest: PROTOCOL_VERSION, oldest: OLDEST_UNDERSTOOD_VERSION },
      capabilities,
    };
  }

  #log(runId: string, record: RunRecord): RunLog {
    const { store, lease } = this.#services;
    const goesOn = (at: Position): Promise<boolean> => this.#moves.goesOn(record, at);
    return new RunLog({ store, runId, started: record.createdAt, lease, goesOn });
  }

  #blobs(tenant: string): TenantBlobs {
    return new TenantBlobs(this.#services.store, tenant, this.#services.expireDays);
  }
}

const LINE_FEED = 10;

const frame = (value: object): Buffer => Buffer.from(encodeFrame(value));

/** A request, and the workspace that it is about. */
function addressed(input: unknown): { tenant: string; message: unknown } {
  if (typeof input !== 'object' || input === null || !('tenant' in input))
    return { tenant: NO_TENANT, message: input };
  const { tenant, ...message } = input;
  const parsed = tenantSchema.safeParse(tenant);
  if (parsed.success) return { tenant: parsed.data, message };
  throw new OffloadError('bad-request', `The request is not valid: tenant: ${why(parsed.error)}.`);
}
