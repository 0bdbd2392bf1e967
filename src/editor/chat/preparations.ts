import type { Chosen, SessionRun, Standing } from '../../protocol/chat.ts';
import { asOffloadError, OffloadError } from '../../protocol/error.ts';
import { isAbort } from '../abort.ts';
import type { ChatBackend, NewTask } from './chat-service.ts';
import type { ChatMemory } from './chat-memory.ts';

type TaskEntry = Extract<SessionRun, { kind: 'task' }>;

/** What the user hears of a task on its way. */
export interface PreparationsListener {
  /** A task of this session stands otherwise than before, or has been sent. */
  onChange(session: string, runId: string): void;
  /** The user wants no more of it: the prompt is theirs again. */
  onDropped(session: string, prompt: string): void;
}

export interface PreparationsOptions {
  backend: Pick<ChatBackend, 'start' | 'tasks' | 'log'>;
  memory: ChatMemory;
  newRunId: () => string;
}

/**
 * Tasks from the press of a key until they have been sent. They are remembered meanwhile: what a user wrote is not lost
 * when it cannot be sent, or the window is closed before it was.
 */
export class Preparations {
  readonly #options: PreparationsOptions;
  readonly #listeners = new Set<PreparationsListener>();
  readonly #working = new Map<string, { doing: string; abort: AbortController }>();
  readonly #errors = new Map<string, OffloadError>();

  constructor(options: PreparationsOptions) {
    this.#options = options;
  }

  listen(listener: PreparationsListener): { dispose: () => void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Begins a task, in a session or as the first of one. Resolves with the session when it is remembered; it goes on. */
  async begin(session: string | null, prompt: string, chosen: Chosen): Promise<string> {
    const { backend, memory, newRunId } = this.#options;
    const runId = newRunId();
    const goesOn = session !== null && (await backend.tasks(session)).length > 0;
    // Of a session that has no task yet, what is tried again takes the place.
    if (session !== null && !goesOn) await memory.forgetSession(session);
    const name = goesOn ? session : runId;
    await memory.add(name, { kind: 'task', runId, prompt, chosen, createdAt: Date.now() });
    void this.#prepare({ runId, session: goesOn ? session : null, prompt, chosen }, name);
    return name;
  }

  /** How a task stands that has not been sent; undefined for one that has, or is not known here. */
  standing(
    runId: string,
  ): { state: 'preparing'; doing: string } | { state: 'unsent'; error: OffloadError } | undefined {
    const working = this.#working.get(runId);
    if (working !== undefined) return { state: 'preparing', doing: working.doing } satisfies Standing;
    if (this.entry(runId) === undefined) return undefined;
    return { state: 'unsent', error: this.#errors.get(runId) ?? forgotten() };
  }

  /** A task that has not been sent. */
  entry(runId: string): TaskEntry | undefined {
    return this.#options.memory.unsent.find(({ run }) => run.runId === runId)?.run;
  }

  /** Ends the preparing of a task. False for one that is not being prepared. */
  stop(runId: string): boolean {
    const working = this.#working.get(runId);
    working?.abort.abort();
    return working !== undefined;
  }

  /** Takes away a task that was not sent, for the user to try it again in another way. */
  async drop(runId: string): Promise<void> {
    const { memory } = this.#options;
    const session = memory.sessionOf(runId);
    this.#errors.delete(runId);
    await memory.forgetRun(runId);
    if (session !== undefined) this.#tell(session, runId);
  }

  dispose(): void {
    for (const { abort } of this.#working.values()) abort.abort();
    this.#listeners.clear();
  }

  async #prepare(task: NewTask, session: string): Promise<void> {
    const { backend, memory } = this.#options;
    const { runId, prompt } = task;
    const abort = new AbortController();
    const onStep = (doing: string) => {
      this.#working.set(runId, { doing, abort });
      this.#tell(session, runId);
    };
    onStep('Preparing');
    try {
      await backend.start(task, { onStep, signal: abort.signal });
      this.#working.delete(runId);
      await memory.forgetRun(runId);
    } catch (thrown) {
      this.#working.delete(runId);
      if (isAbort(thrown)) {
        await memory.forgetRun(runId);
        for (const listener of this.#listeners) listener.onDropped(session, prompt);
      } else {
        backend.log(thrown, 'submit');
        this.#errors.set(runId, asOffloadError(thrown));
      }
    }
    this.#tell(session, runId);
  }

  #tell(session: string, runId: string): void {
    for (const listener of this.#listeners) listener.onChange(session, runId);
  }
}

const forgotten = () =>
  new OffloadError('interrupted', 'The window was closed before this was sent.', {
    fix: 'Nothing of it has been done. Send it again, or change it first.',
  });
