import type { ToPage } from '../../protocol/chat.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatBackend, Fix } from './chat-service.ts';
import type { Preparations } from './preparations.ts';
import { RunFeed } from './run-feed.ts';
import { allSessions, runsOf } from './sessions.ts';
import type { ShownErrors } from './shown-errors.ts';

export interface DisplayOptions {
  backend: ChatBackend;
  memory: ChatMemory;
  preparations: Preparations;
  errors: ShownErrors;
  /** Resolves when the page has taken it. */
  post: (message: ToPage) => Promise<unknown>;
}

/** What a page shows: how things stand, a session, and the runs of it, which are followed while the page is there. */
export class PageDisplay {
  readonly #options: DisplayOptions;
  readonly #feeds = new Map<string, RunFeed>();
  #session: string | null;
  #isAwake = false;
  /** What is shown when the page is there. */
  #wanted: 'prompt' | 'sessions' | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#session = options.memory.session ?? null;
  }

  /** The session that is shown; null for one that is about to begin. */
  get session(): string | null {
    return this.#session;
  }

  /** Whether a run is among those that the page shows. */
  shows(runId: string): boolean {
    return this.#feeds.has(runId);
  }

  /** The page is there, and knows nothing. */
  async wake(): Promise<void> {
    // It may have been loaded anew, as VS Code does when it shows the view again.
    this.sleep();
    this.#isAwake = true;
    await this.tellState();
    await this.tellSession();
    if (this.#wanted !== undefined) await this.reveal(this.#wanted);
    this.#wanted = undefined;
  }

  /** The page is not there: nothing is followed for it until it is again. */
  sleep(): void {
    this.#isAwake = false;
    for (const feed of this.#feeds.values()) feed.dispose();
    this.#feeds.clear();
  }

  /** Shows a session; null for one that is about to begin. */
  async show(session: string | null): Promise<void> {
    this.#session = session;
    await this.#options.memory.show(session ?? undefined);
    await this.tellSession();
  }

  /** Puts text into the prompt box. */
  async draft(text: string): Promise<void> {
    await this.#options.post({ type: 'draft', text });
  }

  /** Shows a part of the page, once it is there. */
  async reveal(what: 'prompt' | 'sessions'): Promise<void> {
    if (this.#isAwake) await this.#options.post({ type: 'show', what });
    else this.#wanted = what;
  }

  /** Tells everything again that may have changed; the events of runs come by themselves. */
  async refresh(): Promise<void> {
    if (!this.#isAwake) return;
    await this.tellState();
    await this.tellSession();
    for (const feed of this.#feeds.values()) await feed.tellDecisions();
  }

  /** Tells the events of a run again from the one after the numbered one. */
  replay(runId: string, after: number): void {
    // Not waited for: it goes on until the run ends.
    void this.#feeds.get(runId)?.follow(after);
  }

  /** Tells how a task stands that is being prepared, or no longer is. */
  async tellPreparation(session: string, runId: string): Promise<void> {
    if (!this.#isAwake) return;
    const isOnItsWay = this.#options.preparations.standing(runId)?.state === 'preparing';
    if (session === this.#session) await (isOnItsWay ? this.#tellRun(runId) : this.tellSession());
    if (!isOnItsWay) await this.tellState();
  }

  async tellState(): Promise<void> {
    const { backend, memory, errors, post } = this.#options;
    const { sessions, choices, defaults, trusted, obstacle } = await backend.overview();
    const hindrance = trusted ? obstacle : untrusted();
    await post({
      type: 'state',
      sessions: allSessions({ sessions }, memory),
      choices,
      // Where tasks go is chosen for the window, here as elsewhere.
      chosen: { ...(memory.chosen ?? defaults), target: defaults.target },
      trusted,
      ...(hindrance === undefined ? {} : { obstacle: errors.show(hindrance) }),
    });
  }

  /** Tells which runs there are, and follows those that are new to the page. */
  async tellSession(): Promise<void> {
    const session = this.#session;
    const runs = session === null ? [] : await runsOf(session, this.#options);
    // Another may have been picked meanwhile.
    if (session !== this.#session || !this.#isAwake) return;
    // A session that is gone is one that is about to begin.
    await this.#options.post({ type: 'session', id: runs.length === 0 ? null : session, runs });
    const shown = new Set(runs.map(({ runId }) => runId));
    for (const [runId, feed] of this.#feeds) {
      if (shown.has(runId)) continue;
      feed.dispose();
      this.#feeds.delete(runId);
    }
    for (const { runId } of runs) await this.#tellRun(runId);
  }

  async #tellRun(runId: string): Promise<void> {
    const { backend, preparations, errors, post } = this.#options;
    const standing = preparations.standing(runId);
    if (standing?.state === 'preparing') await post({ type: 'standing', runId, standing });
    else if (standing?.state === 'unsent') {
      const error = errors.show(standing.error, this.#unsentFixes(runId, standing.error));
      await post({ type: 'standing', runId, standing: { state: 'unsent', error } });
    } else if (!this.#feeds.has(runId) && this.#isAwake) {
      const shown = (error: OffloadError, fixes: readonly Fix[] = []) => errors.show(error, fixes);
      this.#feeds.set(runId, new RunFeed({ backend, runId, post, shown }));
    }
  }

  #unsentFixes(runId: string, { code }: OffloadError): Fix[] {
    const { preparations } = this.#options;
    const entry = preparations.entry(runId);
    if (entry === undefined) return [];
    const send = (label: string, session: () => string | null): Fix => ({
      label,
      apply: async () => {
        const wanted = session();
        await preparations.drop(runId);
        await this.show(await preparations.begin(wanted, entry.prompt, entry.chosen));
      },
    });
    return [
      // A session that cannot be gone on with is refused again.
      code === 'run-ended' ? send('Begin New Task', () => null) : send('Send Again', () => this.#session),
      {
        label: 'Edit Prompt',
        apply: async () => {
          await preparations.drop(runId);
          await this.draft(entry.prompt);
        },
      },
    ];
  }
}

const untrusted = () =>
  new OffloadError('untrusted', 'This workspace is not trusted, so nothing of it is sent or run.', {
    fix: 'Trust it if you know who wrote it.',
  });
