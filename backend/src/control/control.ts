import { why } from '../../../src/protocol/decode.ts';
import { parseRequest } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import {
  storedRequestSchema,
  tenantSchema,
  uploadRequestSchema,
  type Grant,
} from '../../../src/protocol/lambda.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import type { Capabilities, RunSummary } from '../../../src/protocol/reply.ts';
import { MAX_REQUEST_BYTES, type Request, type RunRequest } from '../../../src/protocol/request.ts';
import { MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { OLDEST_UNDERSTOOD_VERSION, PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { checkCapabilities } from '../../../src/protocol/check-capabilities.ts';
import { requireLanguage } from '../executors/interpreters.ts';
import { withHeartbeats } from '../heartbeats.ts';
import { inParallel } from '../in-parallel.ts';
import { endUnbegun } from '../store/journal/end-lost.ts';
import type { Position } from '../store/journal/segment-reader.ts';
import { blobKey, runKeys } from '../store/run-keys.ts';
import type { Condition, Store } from '../store/store.ts';
import { taskEnded } from '../tasks/task-ended.ts';
import { addressesFor, closedWants, firstWants, probeAddress } from './addresses.ts';
import { blobFrames } from './blob-frames.ts';
import { checkTask } from './check-task.ts';
import { checkProbe } from './closed-probe.ts';
import { addToInbox } from './inbox.ts';
import { listRuns, noteRun } from './run-index.ts';
import { Moves } from './moves.ts';
import { keepAccess } from './own-access.ts';
import { RunLog } from './run-log.ts';
import { claimRun, readRecord, withoutAccess, type RunRecord } from './run-record.ts';
import { issueToken, type RunClaims } from './run-token.ts';
import type { Secret } from './secret.ts';
import { TenantBlobs } from './tenant-blobs.ts';

export interface ControlServices {
  store: Store;
  secret: () => Promise<Secret>;
  /** Where the runner reaches control. */
  url: () => Promise<string>;
  /** Has the runner carry a grant out that no client hands to it. */
  invoke: (grant: Grant) => Promise<void>;
  build: string;
  capabilities: Capabilities;
  /** Milliseconds after which a runner that shows no sign of life is given up. */
  lease: number;
  /** Whether the runner is in a VPC. */
  vpc: boolean;
  /** Whether the runner is said to reach the store alone: then it is granted all its addresses beforehand. */
  closed: boolean;
  /** Days after which the store forgets. */
  expireDays: number;
}

type Frames = AsyncGenerator<Buffer, void, undefined>;

/** Milliseconds that a token outlives the longest run, for a client that is slow to hand it on. */
const TOKEN_SPARE = 15 * 60_000;

/** Whoever asks without saying which workspace it is about asks about this one. */
const NO_TENANT = 'none';

/**
 * What runs no code: claims runs, keeps their journals and the files that they need, and answers for them. A request is one
 * of the protocol's, with the workspace's `tenant` besides.
 */
export class Control {
  readonly #services: ControlServices;
  readonly #moves: Moves;

  constructor(services: ControlServices) {
    this.#services = services;
    const { store, lease, invoke, secret } = services;
    this.#moves = new Moves({
      store,
      lease,
      invoke,
      signing: async () => (await secret()).signing,
      grant: (...wish) => this.#grant(...wish),
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
      yield* this.#upload(tenant, upload.data);
      return;
    }
    const stored = storedRequestSchema.safeParse(message);
    const request = parseRequest(stored.success ? await this.#fetch(tenant, stored.data) : message);
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
    const { store, capabilities } = this.#services;
    checkCapabilities(request, capabilities);
    if (this.#services.closed) {
      checkOutput(request);
      await checkProbe(store);
    }
    const secret = await this.#services.secret();
    if (request.kind === 'run') requireLanguage(request.language);
    else checkTask(request, capabilities, secret);
    const { runId } = request;
    const keys = runKeys(runId);
    const claim = { tenant, createdAt: Date.now(), request: withoutAccess(request) };
    const access = request.kind === 'task' ? request.access : undefined;
    const claiming = claimRun(store, runId, keys, claim);
    // Signed while the store writes. Nobody has it before the claim holds.
    const granting = this.#grant(claim, 1, access);
    granting.catch(() => undefined);
    const { record, isNew } = await claiming;
    // Nobody has begun what was not there.
    if (!isNew && (await this.#log(runId, record).begun())) {
      yield* withHeartbeats((leaving) => this.#follow(runId, 0, leaving), signal);
      return;
    }
    try {
      // Before anybody can begin the task, and so leave it.
      if (access !== undefined && canMove(capabilities))
        await keepAccess(store, keys, secret.signing, access);
      yield frame(await (isNew ? granting : this.#grant(record, 1, access)));
    } finally {
      // The run does not wait for it, and has it noted once more at its end.
      await noteRun(store, record, 'running').catch((error: unknown) => {
        console.error('note:', error);
      });
    }
  }

  async #grant(
    { tenant, request, createdAt }: RunRecord,
    epoch: number,
    access: TaskRequest['access'],
    continued?: Grant['continued'],
  ): Promise<Grant> {
    const { store, url, capabilities, lease, secret, vpc, closed } = this.#services;
    const { runId } = request;
    const { signing } = await secret();
    const scope = { run: runId, tenant, epoch };
    const expires = Date.now() + (capabilities.maxWallSeconds ?? 0) * 1000 + TOKEN_SPARE;
    return {
      type: 'grant',
      runId,
      tenant,
      epoch,
      claimedAt: createdAt,
      url: await url(),
      token: issueToken(signing, { ...scope, expires, access }),
      ...(vpc ? { vpc } : {}),
      ...(closed ? { closed: { probe: await probeAddress(store, runId) } } : {}),
      leaseSeconds: lease / 1000,
      addresses: await addressesFor(store, scope, closed ? closedWants(scope) : firstWants(scope)),
      ...(continued === undefined ? {} : { continued }),
    };
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

  /** Where a content can be put. The store takes it alone, and once, unless it is about to be forgotten. */
  async *#upload(tenant: string, { hash, size }: { hash: string; size: number }): Frames {
    if (size > MAX_SNAPSHOT_FILE_BYTES) {
      const most = `${String(MAX_SNAPSHOT_FILE_BYTES / 1024 ** 2)} MB`;
      throw new OffloadError('too-large', `A content of ${String(size)} bytes is more than ${most}.`);
    }
    const blobs = this.#blobs(tenant);
    const found = await blobs.find(hash);
    if (found?.fresh === true) {
      yield frame({ type: 'done' });
      return;
    }
    const condition: Condition = found === undefined ? { ifNoneMatch: '*' } : { ifMatch: found.etag };
    const key = blobKey(tenant, hash);
    const expires = Date.now() + UPLOAD_SECONDS * 1000;
    const address = await this.#services.store.presign('PUT', key, UPLOAD_SECONDS, condition, hash);
    yield frame({ type: 'address', address: { ...address, key, expires } });
  }

  /** A request that was too large to be sent as one. */
  async #fetch(tenant: string, stored: { hash: string; access?: unknown }): Promise<unknown> {
    const { store } = this.#services;
    const key = blobKey(tenant, stored.hash);
    if (((await store.look(key))?.size ?? 0) > MAX_REQUEST_BYTES)
      throw new OffloadError('too-large', 'The request that was stored is too large.');
    const found = await store.get(key);
    if (found === undefined || found === 'unchanged')
      throw new OffloadError('unknown-blob', 'The request that was stored is not there.', {
        fix: 'Send it again.',
      });
    const request = JSON.parse(found.bytes.toString()) as object;
    return stored.access === undefined ? request : { ...request, access: stored.access };
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

/**
 * The segments that a closed run has are enough for what runs may write by default.
 * @throws OffloadError `not-supported`
 */
function checkOutput({ limits: { outputBytes = 0 } }: RunRequest | TaskRequest): void {
  const { default: most } = LIMITS.outputBytes;
  if (outputBytes <= most) return;
  throw new OffloadError(
    'not-supported',
    `A run that is closed to the network may write ${String(most / 1024 ** 2)} MB on this target.`,
    { fix: 'Have it write into a file.' },
  );
}

/** Whether tasks go on in further functions. */
const canMove = ({ maxWallSeconds = 0, maxTaskWallSeconds = 0 }: Capabilities): boolean =>
  maxTaskWallSeconds > maxWallSeconds;

/** Seconds in which a large content can be brought. */
const UPLOAD_SECONDS = 900;

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
