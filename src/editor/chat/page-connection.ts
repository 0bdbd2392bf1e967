import {
  toHostSchema,
  type SessionRun,
  type ShownError,
  type ToHost,
  type ToHostHandlers,
  type ToPage,
} from '../../protocol/chat.ts';
import { why } from '../../protocol/decode.ts';
import { asOffloadError, OffloadError } from '../../protocol/error.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatBackend, Disposable, Fix } from './chat-service.ts';
import type { Preparations } from './preparations.ts';
import { RunFeed } from './run-feed.ts';

/** Buttons that a page can still press; those of earlier errors no longer. */
const KEPT_FIXES = 500;

/** Milliseconds that a change waits for others before the page is told. */
const PAUSE = 50;

export interface PageOptions {
  backend: ChatBackend;
  memory: ChatMemory;
  preparations: Preparations;
  /** Resolves when the page has taken it. */
  post: (message: ToPage) => Promise<unknown>;
}

/** The page of a view, however often VS Code loads it anew: does what it asks, and tells it what it shows. */
export class PageConnection implements Disposable {
  readonly #options: PageOptions;
  readonly #feeds = new Map<string, RunFeed>();
  readonly #fixes = new Map<string, () => Promise<void>>();
  readonly #subscriptions: Disposable[];
  #session: string | null;
  #lastFix = 0;
  #isReady = false;
  #refreshing: NodeJS.Timeout | undefined;
  #isDisposed = false;
  /** What is shown when the page is there. */
  #wanted: 'prompt' | 'sessions' | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#session = options.memory.session ?? null;
    this.#subscriptions = [
      options.backend.onDidChange(() => {
        this.#refreshing ??= setTimeout(() => void this.#refresh(), PAUSE);
      }),
      options.preparations.listen({
        onChange: (session, runId) => void this.#onPreparation(session, runId),
        onDropped: (session, text) => {
          if (session === this.#session) void this.#post({ type: 'draft', text });
        },
      }),
    ];
  }

  /** The session that is shown. */
  get session(): string | null {
    return this.#session;
  }

  /** Whether a run is among those that the page shows. */
  shows(runId: string): boolean {
    return this.#feeds.has(runId);
  }

  /** Takes what the page says: checks it, does it, and replies. Never rejects. */
  async take(raw: unknown): Promise<void> {
    const message = toHostSchema.safeParse(raw);
    if (!message.success) return this.#refuse(raw, why(message.error));
    const { id } = message.data;
    try {
      await dispatch(this.#handlers, message.data);
      await this.#post({ type: 'reply', id });
    } catch (thrown) {
      if (isAbort(thrown)) {
        await this.#post({ type: 'reply', id });
        return;
      }
      this.#options.backend.log(thrown, `chat ${message.data.type}`);
      const error = asOffloadError(thrown);
      await this.#post({ type: 'reply', id, error: this.#shown(error, [], this.#retry(message.data)) });
    }
  }

  /** Shows a session; null for one that is about to begin. */
  async show(session: string | null): Promise<void> {
    this.#session = session;
    await this.#options.memory.show(session ?? undefined);
    await this.#tellSession();
  }

  /** Puts text into the prompt box. */
  async draft(text: string): Promise<void> {
    await this.#post({ type: 'draft', text });
  }

  /** Shows a part of the page, once it is there. */
  async reveal(what: 'prompt' | 'sessions'): Promise<void> {
    if (this.#isReady) await this.#post({ type: 'show', what });
    else this.#wanted = what;
  }

  /** The page is not shown, and so not there: nothing is followed for it until it says that it is ready again. */
  sleep(): void {
    this.#isReady = false;
    for (const feed of this.#feeds.values()) feed.dispose();
    this.#feeds.clear();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#refreshing);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.sleep();
  }

  readonly #handlers: ToHostHandlers<Promise<unknown>> = {
    ready: async () => {
      // It may have been loaded anew, as VS Code does when it shows the view again.
      this.sleep();
      this.#isReady = true;
      await this.#tellState();
      await this.#tellSession();
      if (this.#wanted !== undefined) await this.reveal(this.#wanted);
    },
    submit: async ({ session, prompt, chosen }) => {
      const { memory, preparations } = this.#options;
      await memory.choose(chosen);
      await this.show(await preparations.begin(session, prompt, chosen));
    },
    message: async ({ runId, text, when }) => {
      const { backend, preparations } = this.#options;
      try {
        await backend.message(runId, text, when);
      } catch (error) {
        if (!(error instanceof OffloadError) || error.code !== 'run-ended' || this.#session === null)
          throw error;
        // It has just ended: what was said is the next task.
        const task = (await this.#entries(this.#session)).find((entry) => entry.runId === runId);
        if (task?.kind !== 'task') throw error;
        await this.show(await preparations.begin(this.#session, text, task.chosen));
      }
    },
    answer: ({ runId, question, chosen, text }) =>
      this.#options.backend.answer(runId, question, { chosen, ...(text === undefined ? {} : { text }) }),
    interrupt: ({ runId }) => this.#options.backend.interrupt(runId),
    stop: async ({ runId }) => {
      const { backend, preparations } = this.#options;
      if (!preparations.stop(runId)) await backend.stop(runId);
    },
    review: ({ runId, path }) => this.#options.backend.review(runId, path),
    accept: ({ runId, path }) => this.#options.backend.accept(runId, path),
    discard: ({ runId, path }) => this.#options.backend.discard(runId, path),
    'run-code': async ({ session, place, language, code }) => {
      const { backend, memory } = this.#options;
      const runId = await backend.runCode({ language, code, place });
      await memory.add(session, { kind: 'code', runId, language, place, createdAt: Date.now() });
      await this.#tellSession();
    },
    'open-file': ({ runId, path, line }) => this.#options.backend.openFile(runId, path, line),
    'open-link': ({ href }) => this.#options.backend.openLink(href),
    copy: ({ text }) => this.#options.backend.copy(text),
    'new-session': () => this.show(null),
    'select-session': ({ session }) => this.show(session),
    'delete-session': async ({ session }) => {
      const { backend, memory } = this.#options;
      await backend.remove(session);
      await memory.forgetSession(session);
      if (session === this.#session) await this.show(null);
      await this.#tellState();
    },
    choose: async ({ chosen }) => {
      await this.#options.memory.choose(chosen);
    },
    remedy: async ({ remedy }) => {
      await this.#fixes.get(remedy)?.();
    },
    replay: async ({ runId, after }) => {
      // Not waited for: it goes on until the run ends.
      void this.#feeds.get(runId)?.follow(after);
      await Promise.resolve();
    },
  };

  async #refresh(): Promise<void> {
    this.#refreshing = undefined;
    if (!this.#isReady) return;
    await this.#tellState();
    await this.#tellSession();
    for (const feed of this.#feeds.values()) await feed.tellDecisions();
  }

  async #tellState(): Promise<void> {
    const { backend, memory } = this.#options;
    const { sessions, choices, defaults, trusted, obstacle } = await backend.overview();
    const hindrance = trusted ? obstacle : untrusted();
    const recorded = new Set(sessions.map(({ id }) => id));
    const unsent = memory.unsent
      .filter(({ session }) => !recorded.has(session))
      .map(({ session, run }) => ({
        id: session,
        title: run.prompt.slice(0, 200),
        updatedAt: run.createdAt,
        active: false,
      }));
    await this.#post({
      type: 'state',
      sessions: [...unsent, ...sessions].sort((a, b) => b.updatedAt - a.updatedAt),
      choices,
      chosen: memory.chosen ?? defaults,
      trusted,
      ...(hindrance === undefined ? {} : { obstacle: this.#shown(hindrance) }),
    });
  }

  /** Tells which runs there are, and follows those that are new to the page. */
  async #tellSession(): Promise<void> {
    const session = this.#session;
    const runs = session === null ? [] : await this.#entries(session);
    // Another may have been picked meanwhile.
    if (session !== this.#session || !this.#isReady) return;
    // A session that is gone is one that is about to begin.
    await this.#post({ type: 'session', id: runs.length === 0 ? null : session, runs });
    const shown = new Set(runs.map(({ runId }) => runId));
    for (const [runId, feed] of this.#feeds) {
      if (shown.has(runId)) continue;
      feed.dispose();
      this.#feeds.delete(runId);
    }
    for (const { runId } of runs) await this.#tellRun(runId);
  }

  async #tellRun(runId: string): Promise<void> {
    const { backend, preparations } = this.#options;
    const standing = preparations.standing(runId);
    if (standing?.state === 'preparing') await this.#post({ type: 'standing', runId, standing });
    else if (standing?.state === 'unsent') {
      const error = this.#shown(standing.error, this.#unsentFixes(runId));
      await this.#post({ type: 'standing', runId, standing: { state: 'unsent', error } });
    } else if (!this.#feeds.has(runId) && this.#isReady) {
      const shown = (error: OffloadError, fixes: readonly Fix[] = []) => this.#shown(error, fixes);
      this.#feeds.set(runId, new RunFeed({ backend, runId, post: this.#post, shown }));
    }
  }

  async #onPreparation(session: string, runId: string): Promise<void> {
    if (!this.#isReady) return;
    const isOnItsWay = this.#options.preparations.standing(runId)?.state === 'preparing';
    if (session === this.#session) await (isOnItsWay ? this.#tellRun(runId) : this.#tellSession());
    if (!isOnItsWay) await this.#tellState();
  }

  async #entries(session: string): Promise<SessionRun[]> {
    const { backend, memory } = this.#options;
    const tasks = await backend.tasks(session);
    const known = new Set(tasks.map(({ runId }) => runId));
    const others = memory.entriesOf(session).filter(({ runId }) => !known.has(runId));
    return [...tasks, ...others].sort((a, b) => a.createdAt - b.createdAt);
  }

  #unsentFixes(runId: string): Fix[] {
    const { preparations } = this.#options;
    const entry = preparations.entry(runId);
    if (entry === undefined) return [];
    return [
      {
        label: 'Send Again',
        apply: async () => {
          const session = this.#session;
          await preparations.drop(runId);
          await this.show(await preparations.begin(session, entry.prompt, entry.chosen));
        },
      },
      {
        label: 'Edit Prompt',
        apply: async () => {
          await preparations.drop(runId);
          await this.draft(entry.prompt);
        },
      },
    ];
  }

  /** Does again what failed; what was typed is still there to be sent. */
  #retry(message: ToHost): (() => Promise<void>) | undefined {
    if (message.type === 'submit' || message.type === 'message') return undefined;
    return async () => {
      await dispatch(this.#handlers, message);
    };
  }

  /** An error as the page shows it: with the buttons of whoever shows it, and those that the editor knows. */
  #shown(error: OffloadError, own: readonly Fix[] = [], retry?: () => Promise<void>): ShownError {
    const remedies = [...own, ...this.#options.backend.fixes(error, retry)].map(({ label, apply }) => {
      const id = `fix-${String(++this.#lastFix)}`;
      this.#fixes.set(id, apply);
      return { id, label };
    });
    for (const id of [...this.#fixes.keys()].slice(0, -KEPT_FIXES)) this.#fixes.delete(id);
    return { ...error.toWire(), remedies };
  }

  async #refuse(raw: unknown, reason: string): Promise<void> {
    const error = new OffloadError(
      'bad-request',
      `The chat asked for something that cannot be read: ${reason}.`,
    );
    this.#options.backend.log(error, 'chat');
    const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
    if (typeof id === 'number' && Number.isInteger(id)) {
      await this.#post({ type: 'reply', id, error: this.#shown(error) });
    }
  }

  readonly #post = async (message: ToPage): Promise<void> => {
    if (!this.#isDisposed) await this.#options.post(message);
  };
}

const untrusted = () =>
  new OffloadError('untrusted', 'This workspace is not trusted, so nothing of it is sent or run.', {
    fix: 'Trust it if you know who wrote it.',
  });

const isAbort = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'AbortError';

/** The one place where the compiler does not see that a message goes to the handler of its kind. */
const dispatch = (handlers: ToHostHandlers<Promise<unknown>>, message: ToHost): Promise<unknown> =>
  (handlers[message.type] as (message: ToHost) => Promise<unknown>)(message);
