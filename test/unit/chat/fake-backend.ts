import { setTimeout as sleep } from 'node:timers/promises';
import type { Chosen, ReviewedFile, SessionRun } from '../../../src/protocol/chat.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { isTerminal, type ChangeEvent, type EventBody, type RunEvent } from '../../../src/protocol/event.ts';
import type { ChatBackend, Fix, NewTask, Overview } from '../../../src/editor/chat/chat-service.ts';
import type { Waiting } from '../../../src/editor/task/waiting.ts';
import type { Memento } from '../../../src/editor/chat/chat-memory.ts';
import { CHOSEN } from '../../support/chat/fake-host.ts';

type Task = Extract<SessionRun, { kind: 'task' }>;

/** An editor's end that keeps runs in memory. Tests take the place of what they want to go otherwise. */
export class FakeBackend implements ChatBackend {
  readonly records: { session: string; task: Task }[] = [];
  readonly events = new Map<string, RunEvent[]>();
  /** What was asked of it, in order. */
  readonly asked: unknown[][] = [];
  readonly logged: string[] = [];
  readonly reviewed = new Map<string, ReviewedFile[]>();
  trusted = true;
  /** Where the window's tasks go. */
  target = CHOSEN.target;
  obstacle: OffloadError | undefined;
  /** What happens when a task is started. */
  onStart: (task: NewTask, waiting: Waiting) => Promise<void> = () => Promise.resolve();
  onMessage: () => Promise<void> = () => Promise.resolve();
  onRemove: () => Promise<void> = () => Promise.resolve();
  readonly #listeners = new Set<() => void>();

  overview(): Promise<Overview> {
    const { trusted, obstacle } = this;
    const sessions = [...new Set(this.records.map(({ session }) => session))].map((id) => ({
      id,
      title: id,
      updatedAt: 1,
      active: false,
    }));
    const choices = { agents: [], targets: [], budgets: [] };
    const defaults = { ...CHOSEN, target: this.target };
    return Promise.resolve({ sessions, choices, defaults, trusted, obstacle });
  }

  tasks(session: string): Promise<Task[]> {
    return Promise.resolve(this.records.filter((each) => each.session === session).map(({ task }) => task));
  }

  onDidChange(listener: () => void): { dispose: () => void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  change(): void {
    for (const listener of this.#listeners) listener();
  }

  chose({ target }: Chosen): Promise<void> {
    this.target = target;
    return Promise.resolve();
  }

  async start(task: NewTask, waiting: Waiting): Promise<void> {
    await this.onStart(task, waiting);
    const { runId, prompt, chosen } = task;
    this.records.push({
      session: task.session ?? runId,
      task: { kind: 'task', runId, prompt, chosen, createdAt: this.records.length },
    });
  }

  async message(...args: unknown[]): Promise<void> {
    await this.onMessage();
    this.asked.push(['message', ...args]);
  }

  async remove(...args: unknown[]): Promise<void> {
    await this.#note('remove', ...args);
    await this.onRemove();
  }

  emit(runId: string, ...bodies: EventBody[]): void {
    const events = this.events.get(runId) ?? [];
    for (const body of bodies) events.push({ ...body, seq: events.length + 1, time: events.length });
    this.events.set(runId, events);
  }

  async *follow(
    runId: string,
    after: number,
    signal: AbortSignal,
    onAlive: () => void,
  ): AsyncGenerator<RunEvent, void, undefined> {
    if (!this.events.has(runId)) throw new OffloadError('unknown-run', 'There is no such run.');
    onAlive();
    for (let at = after; ;) {
      const event = this.events.get(runId)?.[at];
      if (event === undefined) await sleep(5, undefined, { signal });
      else {
        at++;
        yield event;
        if (isTerminal(event)) return;
      }
    }
  }

  decisions(runId: string, changes: readonly ChangeEvent[]): Promise<ReviewedFile[] | undefined> {
    this.asked.push(['decisions', runId, changes.length]);
    return Promise.resolve(this.reviewed.get(runId));
  }

  fixes(error: OffloadError, retry: (() => Promise<void>) | undefined): Fix[] {
    return [
      ...(retry === undefined ? [] : [{ label: 'Retry', apply: retry }]),
      { label: `Mend ${error.code}`, apply: () => this.#note('mend', error.code) },
    ];
  }

  log(error: unknown, doing: string): void {
    this.logged.push(`${doing}: ${String(error)}`);
  }

  answer = (...args: unknown[]): Promise<void> => this.#note('answer', ...args);
  interrupt = (...args: unknown[]): Promise<void> => this.#note('interrupt', ...args);
  stop = (...args: unknown[]): Promise<void> => this.#note('stop', ...args);
  review = (...args: unknown[]): Promise<void> => this.#note('review', ...args);
  accept = (...args: unknown[]): Promise<void> => this.#note('accept', ...args);
  discard = (...args: unknown[]): Promise<void> => this.#note('discard', ...args);
  openFile = (...args: unknown[]): Promise<void> => this.#note('openFile', ...args);
  openWhole = (...args: unknown[]): Promise<void> => this.#note('openWhole', ...args);
  openLink = (...args: unknown[]): Promise<void> => this.#note('openLink', ...args);
  copy = (...args: unknown[]): Promise<void> => this.#note('copy', ...args);

  async runCode(...args: unknown[]): Promise<string> {
    await this.#note('runCode', ...args);
    const runId = `r_${'c'.repeat(32)}`;
    this.emit(runId, { type: 'phase', phase: 'queued' });
    return runId;
  }

  #note(...what: unknown[]): Promise<void> {
    this.asked.push(what);
    return Promise.resolve();
  }
}

/** VS Code's memory of a workspace, without VS Code; `again` is what a reload finds. */
export class FakeMemento implements Memento {
  #text: string;

  constructor(text = '{}') {
    this.#text = text;
  }

  get(key: string): unknown {
    return (JSON.parse(this.#text) as Record<string, unknown>)[key];
  }

  update(key: string, value: unknown): Promise<void> {
    this.#text = JSON.stringify({ ...(JSON.parse(this.#text) as object), [key]: value });
    return Promise.resolve();
  }

  again(): FakeMemento {
    return new FakeMemento(this.#text);
  }
}
