import type { Page } from 'playwright-core';
import {
  toHostSchema,
  toPageSchema,
  type Chosen,
  type SessionRun,
  type Standing,
  type ToHost,
  type ToHostHandlers,
  type ToPage,
} from '../../../src/protocol/chat.ts';
import type { EventBody, RunEvent } from '../../../src/protocol/event.ts';

/** The target of its choices that is not this computer. */
export const AWAY = 'lambda/123456789012/eu-west-1/offload';

const CHOICES = {
  agents: [
    {
      id: 'claude',
      label: 'Claude Code',
      models: [
        { id: 'model-large', label: 'Large' },
        { id: 'model-small', label: 'Small' },
      ],
    },
    { id: 'opencode', label: 'opencode', models: [], obstacle: 'Its program is not on this machine.' },
  ],
  targets: [
    { id: 'local', label: 'This computer' },
    { id: AWAY, label: 'AWS · eu-west-1', detail: 'Account 123456789012, stack offload' },
  ],
  budgets: [
    { label: '$1', budget: { usd: 1 } },
    { label: '$5', budget: { usd: 5 } },
  ],
};

export const CHOSEN: Chosen = { agent: 'claude', budget: { usd: 5 }, target: 'local' };

/** Resolves, in the page, when it has been drawn twice. */
const TWO_FRAMES =
  'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(undefined))))';

/** Milliseconds since 1970 at which its runs begin. */
const START = Date.UTC(2026, 10, 21, 12, 0, 0);

/** How a task is begun: what it is chosen to have, and what its place means for it. */
interface BeginTask extends Pick<Extract<SessionRun, { kind: 'task' }>, 'final' | 'hourUsd'> {
  session?: string | undefined;
  chosen?: Chosen;
}

interface FakeSession {
  title: string;
  runs: SessionRun[];
}

/**
 * An editor for the chat's page, without an editor: it keeps sessions and the events of runs, and speaks the messages
 * that the editor speaks, checked by the same schemas. What a test wants of it beyond that it does by itself.
 */
export class FakeHost {
  /** What the page has sent, in order. */
  readonly received: ToHost[] = [];
  readonly sessions = new Map<string, FakeSession>();
  readonly #events = new Map<string, RunEvent[]>();
  readonly #standings = new Map<string, Standing>();
  #selected: string | null = null;
  #chosen = CHOSEN;
  #page: Page | undefined;
  #runs = 0;
  #taking = 0;
  state: Partial<Extract<ToPage, { type: 'state' }>> = {};
  /** Refuses messages of a kind. */
  readonly refusals = new Map<ToHost['type'], Extract<ToPage, { type: 'reply' }>['error']>();

  readonly #handlers: ToHostHandlers<Promise<void>> = {
    ready: () => this.#tellAll(),
    submit: async ({ session, prompt, chosen }) => {
      await this.beginTask(prompt, { session: session ?? undefined, chosen });
    },
    'select-session': async ({ session }) => {
      this.#selected = session;
      await this.#tellAll();
    },
    'new-session': async () => {
      this.#selected = null;
      await this.#tellAll();
    },
    'delete-session': async ({ session }) => {
      this.sessions.delete(session);
      if (this.#selected === session) this.#selected = null;
      await this.#tellAll();
    },
    choose: async ({ chosen }) => {
      this.#chosen = chosen;
      await this.#tellState();
    },
    'run-code': async ({ session, place, language }) => {
      const runId = this.#newRun();
      this.#session(session).runs.push({ kind: 'code', runId, language, place, createdAt: START });
      await this.#tellAll();
    },
    replay: async ({ runId, after }) => {
      await this.#tellEvents(runId, after);
    },
    message: nothing,
    answer: nothing,
    interrupt: nothing,
    stop: nothing,
    review: nothing,
    accept: nothing,
    discard: nothing,
    'open-file': nothing,
    'open-whole': nothing,
    'open-link': nothing,
    copy: nothing,
    remedy: nothing,
  };

  /** Serves a page from now on. */
  attach(page: Page): void {
    this.#page = page;
  }

  /** Takes a message of the page's. */
  async take(raw: unknown): Promise<void> {
    const message = toHostSchema.parse(raw);
    this.received.push(message);
    this.#taking += 1;
    try {
      const error = this.refusals.get(message.type);
      if (error === undefined)
        await (this.#handlers[message.type] as (message: ToHost) => Promise<void>)(message);
      await this.post({ type: 'reply', id: message.id, ...(error === undefined ? {} : { error }) });
    } finally {
      this.#taking -= 1;
    }
  }

  /** Waits until all that was received is replied to, and the page shows it: its controls draw a frame later than it. */
  async settled(): Promise<void> {
    do {
      await this.#page?.evaluate(TWO_FRAMES);
    } while (this.#taking > 0);
  }

  async post(message: ToPage): Promise<void> {
    toPageSchema.parse(message);
    await this.#page?.evaluate((data) => {
      (globalThis as unknown as { postMessage(message: unknown, target: string): void }).postMessage(
        data,
        '*',
      );
    }, message);
  }

  /** Adds a task to a session, a new one where none is named, and shows that session. */
  async beginTask(prompt: string, { session, chosen = CHOSEN, ...more }: BeginTask = {}): Promise<string> {
    const id = session ?? `s${String(this.sessions.size + 1)}`;
    if (!this.sessions.has(id)) this.sessions.set(id, { title: prompt.slice(0, 60), runs: [] });
    const runId = this.#newRun();
    this.#session(id).runs.push({ kind: 'task', runId, prompt, chosen, createdAt: START, ...more });
    this.#selected = id;
    await this.#tellAll();
    return runId;
  }

  /** Events of a run, numbered and timed one after the other; the page is told. */
  async emit(runId: string, ...bodies: EventBody[]): Promise<void> {
    const events = this.#events.get(runId) ?? [];
    this.#events.set(runId, events);
    const after = events.length;
    for (const body of bodies) {
      events.push({ ...body, seq: events.length + 1, time: START + events.length * 250 });
    }
    if (this.#page !== undefined) await this.#tellEvents(runId, after);
  }

  async stand(runId: string, standing: Standing): Promise<void> {
    this.#standings.set(runId, standing);
    await this.post({ type: 'standing', runId, standing });
  }

  /** The messages of a kind that the page has sent. */
  of<Type extends ToHost['type']>(type: Type): Extract<ToHost, { type: Type }>[] {
    return this.received.filter(
      (message): message is Extract<ToHost, { type: Type }> => message.type === type,
    );
  }

  #newRun(): string {
    return `r_${(++this.#runs).toString(16).padStart(32, '0')}`;
  }

  #session(id: string): FakeSession {
    const session = this.sessions.get(id);
    if (session === undefined) throw new Error(`There is no session ${id}.`);
    return session;
  }

  async #tellAll(): Promise<void> {
    await this.#tellState();
    const runs = this.#selected === null ? [] : this.#session(this.#selected).runs;
    await this.post({ type: 'session', id: this.#selected, runs });
    for (const { runId } of runs) {
      await this.post({
        type: 'standing',
        runId,
        standing: this.#standings.get(runId) ?? { state: 'following' },
      });
      await this.#tellEvents(runId, 0);
    }
  }

  async #tellState(): Promise<void> {
    await this.post({
      type: 'state',
      sessions: [...this.sessions].map(([id, { title }]) => ({
        id,
        title,
        updatedAt: Date.now(),
        active: false,
      })),
      choices: CHOICES,
      chosen: this.#chosen,
      trusted: true,
      ...this.state,
    });
  }

  async #tellEvents(runId: string, after: number): Promise<void> {
    const events = this.#events.get(runId) ?? [];
    for (let at = after; at < events.length; at += 500) {
      const some = events.slice(at, at + 500);
      await this.post({ type: 'events', runId, after: at, last: at + some.length, events: some });
    }
  }
}

const nothing = () => Promise.resolve();
