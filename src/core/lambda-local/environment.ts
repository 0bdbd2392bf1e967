import { setTimeout as sleep } from 'node:timers/promises';
import { deferred } from './deferred.ts';
import { initLimit } from './limits.ts';
import { exitError, type ProcessEnd, timeoutError, truncatedError } from './platform-error.ts';
import { RuntimeApi } from './runtime-api.ts';
import { RuntimeProcess, type StartRuntime } from './runtime-process.ts';
import type { FunctionError, Invocation, Outcome, ResponseSink } from './invocation.ts';

/** What an environment is for. */
export interface EnvironmentOptions {
  readonly start: StartRuntime;
  /** The user that the runtime is started as, where it is not ours. */
  readonly user?: number;
  /** Seconds that an invocation may take, a fraction too. */
  readonly timeoutSeconds: number;
  /** Takes what the function writes, and what Lambda notes of its invocations. */
  readonly log: (text: string) => void;
}

/**
 * Busy from its start, `finishing` between an answer and the runtime's next request, then idle until it is
 * claimed; a `dead` one is never used again.
 */
type State = 'busy' | 'finishing' | 'idle' | 'dead';

/** Milliseconds that a process has to end by itself when it is asked to. */
const shutdownDelay = 500;

/** Milliseconds for a process to end after its connection has. */
const exitDelay = 1000;

/** An execution environment: one runtime process with the function loaded, for one invocation at a time. */
export class Environment {
  /** Resolves when nothing of the environment is left. */
  readonly gone: Promise<void>;
  readonly #timeout: number;
  readonly #log: (text: string) => void;
  /** Whose invocations it takes. */
  readonly #tenant: string | undefined;
  readonly #api: RuntimeApi;
  readonly #process: RuntimeProcess;
  #state: State = 'busy';
  /** Resolves when the function is loaded, or never will be. */
  readonly #loading = deferred();
  #loaded = false;
  /** Resolves at the end of the invocation under way. */
  #settling = deferred();
  #requestId = '';
  #initError: FunctionError | undefined;
  /** Why it was killed. */
  #cause: FunctionError | undefined;

  private constructor(
    { start, timeoutSeconds, log }: EnvironmentOptions,
    tenant: string | undefined,
    api: RuntimeApi,
  ) {
    this.#tenant = tenant;
    this.#timeout = Math.round(timeoutSeconds * 1000);
    this.#log = log;
    this.#api = api;
    api.serve({
      onReady: () => this.#onReady(),
      onInitError: (error) => (this.#initError = error),
      explainBreak: () => this.#explainBreak(),
    });
    this.#process = new RuntimeProcess(start, api.address, log);
    this.gone = this.#process.ended.then((end) => this.#onEnd(end));
  }

  /** Starts the process and resolves when it runs; the function is loaded later. */
  static async start(options: EnvironmentOptions, tenant?: string): Promise<Environment> {
    return new Environment(options, tenant, await RuntimeApi.start(options.user));
  }

  get state(): State {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the invocation under way is over, answer and all. */
  get settled(): Promise<void> {
    return this.#settling.promise;
  }

  /** Takes it for an invocation, if it is idle and serves that tenant. */
  claim(tenant?: string): boolean {
    if (this.#state !== 'idle' || this.#tenant !== tenant) return false;
    this.#state = 'busy';
    this.#settling = deferred();
    return true;
  }

  /** Runs an invocation in an environment that was just started or claimed. */
  async invoke(invocation: Invocation, sink: ResponseSink): Promise<Outcome> {
    const { requestId } = invocation;
    const settling = this.#settling;
    this.#requestId = requestId;
    this.#log(`START RequestId: ${requestId} Version: $LATEST\n`);
    await this.#initialized();
    if (this.#state === 'dead') {
      const error = this.#initError ?? this.#cause ?? exitError(requestId, await this.#process.ended);
      return { kind: 'broken', error, midStream: false };
    }
    const timer = setTimeout(() => this.#kill(timeoutError(requestId, this.#timeout)), this.#timeout);
    const outcome = await this.#api.deliver(invocation, Date.now() + this.#timeout, sink);
    // By now it may be done, and have the next invocation already.
    if (this.#state === 'busy' && this.#settling === settling) this.#state = 'finishing';
    // A function may work on after its answer, until its time is over.
    void settling.promise.then(() => {
      clearTimeout(timer);
      this.#log(`END RequestId: ${requestId}\n`);
    });
    return outcome;
  }

  /** Ends it, whatever it does: killed, where it does not end when it is asked. */
  async stop(): Promise<void> {
    if (this.#state !== 'dead' && this.#process.askToEnd()) {
      const cause = exitError(this.#requestId, { code: null, signal: 'SIGTERM' });
      this.#cause = cause;
      this.#settle('dead');
      this.#api.abort(cause);
      await Promise.race([this.gone, sleep(shutdownDelay, undefined, { ref: false })]);
      this.#process.kill();
    }
    this.#kill(exitError(this.#requestId, { code: null, signal: 'SIGKILL' }));
    await this.gone;
  }

  /** Waits for a process that has just started to load the function, or to fail at that. */
  async #initialized(): Promise<void> {
    const limit = Math.max(initLimit, this.#timeout);
    const timer = setTimeout(() => this.#kill(timeoutError(this.#requestId, limit)), limit);
    await this.#loading.promise;
    clearTimeout(timer);
  }

  #onReady(): void {
    if (this.#loaded) this.#settle('idle');
    this.#loaded = true;
    this.#loading.resolve();
  }

  async #explainBreak(): Promise<FunctionError> {
    const end = await Promise.race([this.#process.ended, sleep(exitDelay, undefined, { ref: false })]);
    if (this.#cause) return this.#cause;
    return end ? exitError(this.#requestId, end) : truncatedError(this.#requestId);
  }

  #kill(cause: FunctionError): void {
    if (this.#state === 'dead') return;
    this.#cause = cause;
    this.#settle('dead');
    this.#log(`${cause.body}\n`);
    // Before its connection breaks: a runtime that ends by that leaves its children without a parent to be found by.
    this.#process.kill();
    this.#api.abort(cause);
  }

  async #onEnd(end: ProcessEnd): Promise<void> {
    if (this.#state !== 'dead') {
      const error = exitError(this.#requestId, end);
      this.#log(`${error.body}\n`);
      this.#settle('dead');
      this.#api.abort(error);
    }
    await this.#api.stop();
  }

  #settle(state: 'idle' | 'dead'): void {
    if (this.#state === 'dead') return;
    this.#state = state;
    if (state === 'dead') this.#loading.resolve();
    this.#settling.resolve();
  }
}
