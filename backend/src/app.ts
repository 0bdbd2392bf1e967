import { join } from 'node:path';
import { parseRequest } from '../../src/protocol/decode.ts';
import { OffloadError } from '../../src/protocol/error.ts';
import { isTerminal } from '../../src/protocol/event.ts';
import { encodeFrame } from '../../src/protocol/frame.ts';
import type { Capabilities, Environment, RunSummary } from '../../src/protocol/reply.ts';
import type { Request, RunRequest } from '../../src/protocol/request.ts';
import type { TaskRequest } from '../../src/protocol/task.ts';
import { OLDEST_UNDERSTOOD_VERSION, PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { answerBlob, answerMissing, answerPut } from './blobs/blob-requests.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { checkCapabilities } from '../../src/protocol/check-capabilities.ts';
import { requireLanguage } from './executors/interpreters.ts';
import { endLostJournal, lastEvent, readJournal } from './journal/ended-journal.ts';
import { Journal } from './journal/journal.ts';
import { ActiveRun } from './runs/active-run.ts';
import type { RunServices } from './runs/run-services.ts';
import { ActiveTask } from './tasks/active-task.ts';
import { taskAdapter } from './tasks/task-adapter.ts';
import { taskEnded } from './tasks/task-ended.ts';
import type { TaskServices } from './tasks/task-services.ts';
import type { RunRecord, RunStore } from './runs/run-store.ts';
import { withHeartbeats } from './heartbeats.ts';

/**
 * Frames of a reply, encoded: whole lines, as the journal holds them. A chunk's memory may be used again when the next
 * one is asked for.
 */
export type Frames = AsyncIterable<Buffer>;

/** Other backends of this user, which may carry out runs of the same store. */
export interface Peers {
  isAlive(address: string): Promise<boolean>;
  /** The other backend's answer to a request. */
  forward(address: string, request: Request, signal: AbortSignal): Frames;
}

export interface AppOptions {
  build: string;
  /** What the target can do, apart from its isolation, which is probed; read after that. */
  capabilities: Omit<Capabilities, 'isolation'>;
  services: RunServices;
  /** Undefined where no tasks are taken. */
  tasks: TaskServices | undefined;
  store: RunStore;
  /** What snapshots are made of; undefined where nothing stays from one request to the next. */
  blobs: BlobStore | undefined;
  /** A folder for the workspaces of runs. */
  boxes: string;
  peers: Peers | undefined;
}

/** The backend without a transport: a request in, encoded frames out. */
export class App {
  readonly #options: AppOptions;
  readonly #active = new Map<string, ActiveRun | ActiveTask>();
  #retired = false;

  constructor(options: AppOptions) {
    this.#options = options;
  }

  get activeRuns(): number {
    return this.#active.size;
  }

  get retired(): boolean {
    return this.#retired;
  }

  /**
   * Carries out a request. Leaving early, or `signal`, ends the answer and no run.
   * @throws OffloadError for a request that cannot be carried out, before the first frame
   */
  async *handle(input: unknown, signal: AbortSignal): Frames {
    const request = parseRequest(input);
    switch (request.kind) {
      case 'run':
        yield* this.#run(request, signal);
        return;
      case 'task':
        yield* this.#task(request, signal);
        return;
      case 'input':
        yield* this.#input(request, signal);
        return;
      case 'attach':
        this.#require('attach', 'followed again');
        yield* this.#follow(request, signal);
        return;
      case 'cancel':
        yield* this.#cancel(request, signal);
        return;
      case 'blob':
        this.#require('attach', 'read again');
        yield* this.#blob(request);
        return;
      case 'missing':
        yield* answerMissing(this.#options.blobs, request);
        return;
      case 'put':
        yield* answerPut(this.#options.blobs, request);
        return;
      case 'runs':
        this.#require('attach', 'listed');
        for (const summary of await this.#list()) yield frame(summary);
        yield frame({ type: 'done' });
        return;
      case 'environment':
        yield frame(await this.#environment());
        return;
      case 'retire':
        this.#retired = true;
        yield frame({ type: 'done' });
        return;
    }
  }

  /** Tells the users of all runs something that ends nothing. */
  tell(code: string, message: string): void {
    for (const run of this.#active.values()) run.tell({ type: 'notice', code, message });
  }

  /** Ends every run, for a backend that has to go. */
  async close(error: OffloadError): Promise<void> {
    for (const run of this.#active.values()) run.fail(error);
    await Promise.all([...this.#active.values()].map((run) => run.settled));
  }

  async *#run(request: RunRequest, signal: AbortSignal): Frames {
    const { store, services, boxes } = this.#options;
    requireLanguage(request.language);
    await this.#admit(request);
    const { runId } = request;
    yield* this.#claim(request, signal, () => {
      const places = { box: join(boxes, runId), blobs: store.blobs(runId) };
      return new ActiveRun(request, new Journal(store.journal(runId)), places, services);
    });
  }

  async *#task(request: TaskRequest, signal: AbortSignal): Frames {
    const { store, tasks } = this.#options;
    const adapter = taskAdapter(request, tasks);
    await this.#admit(request);
    const { runId, title, agent } = request;
    yield* this.#claim({ runId, title, language: agent.id, kind: 'task' }, signal, () => {
      const journal = new Journal(store.journal(runId), adapter.services.move?.from?.seq);
      return new ActiveTask(request, adapter.adapter, journal, store.blobs(runId), adapter.services);
    });
  }

  /** Starts a run, unless its id is taken, and follows it. */
  async *#claim(
    record: Parameters<RunStore['claim']>[0],
    signal: AbortSignal,
    start: () => ActiveRun | ActiveTask,
  ): Frames {
    const { runId } = record;
    if (!this.#options.store.claim(record)) {
      yield* this.#follow({ kind: 'attach', version: PROTOCOL_VERSION, runId, after: 0 }, signal);
      return;
    }
    const run = start();
    this.#active.set(runId, run);
    void run.settled.finally(() => this.#active.delete(runId));
    yield* withHeartbeats((leaving) => run.journal.follow(0, leaving), signal);
  }

  async *#input(request: Extract<Request, { kind: 'input' }>, signal: AbortSignal): Frames {
    const { runId, input } = request;
    const active = this.#active.get(runId);
    if (active === undefined && (await this.#elsewhere(runId))) {
      yield* this.#forward(runId, request, signal);
      return;
    }
    if (!(active instanceof ActiveTask)) throw taskEnded();
    active.input(input);
    yield frame({ type: 'done' });
  }

  async #admit(request: RunRequest | TaskRequest): Promise<void> {
    if (this.#retired) {
      throw new OffloadError('superseded', 'A newer version of Offload has taken over on this machine.', {
        fix: 'Reload the window to use it.',
      });
    }
    const isolation = await this.#options.services.isolation.probe();
    checkCapabilities(request, { ...this.#options.capabilities, isolation });
  }

  async *#follow(request: Extract<Request, { kind: 'attach' }>, signal: AbortSignal): Frames {
    const { runId, after } = request;
    const active = this.#active.get(runId);
    if (active !== undefined)
      yield* withHeartbeats((leaving) => active.journal.follow(after, leaving), signal);
    else if (await this.#elsewhere(runId)) yield* this.#forward(runId, request, signal);
    else {
      const path = this.#options.store.journal(runId);
      const { seq = 0 } = lastEvent(path) ?? {};
      if (after >= seq) {
        throw new OffloadError(
          'bad-request',
          `Run ${runId} has ended with event ${String(seq)}: none follows.`,
        );
      }
      yield* readJournal(path, after, signal);
    }
  }

  async *#cancel(request: Extract<Request, { kind: 'cancel' }>, signal: AbortSignal): Frames {
    this.#require('cancel', 'cancelled');
    const { runId } = request;
    const active = this.#active.get(runId);
    if (active !== undefined) {
      active.cancel();
      await active.settled;
    } else if (await this.#elsewhere(runId)) {
      yield* this.#forward(runId, request, signal);
      return;
    }
    const path = this.#options.store.journal(runId);
    const last = lastEvent(path);
    yield* readJournal(path, (last?.seq ?? 1) - 1, signal);
  }

  /**
   * Whether another backend carries a run out. One whose backend is gone gets its end here.
   * @throws OffloadError `unknown-run`
   */
  async #elsewhere(runId: string): Promise<boolean> {
    const { store, peers } = this.#options;
    const record: RunRecord = await store.record(runId);
    const path = store.journal(runId);
    const last = lastEvent(path);
    if (last !== undefined && isTerminal(last)) return false;
    if (!store.isOwn(record) && (await peers?.isAlive(record.owner)) === true) return true;
    await endLostJournal(path);
    return false;
  }

  async #list(): Promise<RunSummary[]> {
    await this.endLostRuns();
    return this.#options.store.list();
  }

  /** Gives the runs of backends that are gone their end. */
  async endLostRuns(): Promise<void> {
    const open = (await this.#options.store.list()).filter(({ state }) => state === 'running');
    for (const { runId } of open) if (!this.#active.has(runId)) await this.#elsewhere(runId);
  }

  async *#forward(runId: string, request: Request, signal: AbortSignal): Frames {
    const { owner } = await this.#options.store.record(runId);
    if (this.#options.peers !== undefined) yield* this.#options.peers.forward(owner, request, signal);
  }

  async *#blob(request: Extract<Request, { kind: 'blob' }>): Frames {
    const { store, blobs } = this.#options;
    await store.record(request.runId);
    yield* answerBlob(blobs, join(store.blobs(request.runId), request.hash), request);
  }

  async #environment(): Promise<Environment> {
    const { build, capabilities, services } = this.#options;
    // What boxes can do may be known only once one was tried.
    const isolation = await services.isolation.probe();
    return {
      type: 'environment',
      build,
      node: process.version,
      pid: process.pid,
      versions: { newest: PROTOCOL_VERSION, oldest: OLDEST_UNDERSTOOD_VERSION },
      capabilities: { ...capabilities, isolation },
    };
  }

  /** @throws OffloadError `not-supported` where the target lacks what a request needs */
  #require(capability: 'attach' | 'cancel', what: string): void {
    if (this.#options.capabilities[capability]) return;
    throw new OffloadError('not-supported', `Runs on this target cannot be ${what}.`);
  }
}

const frame = (value: object): Buffer => Buffer.from(encodeFrame(value));
