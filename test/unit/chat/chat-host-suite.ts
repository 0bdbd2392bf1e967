import { ChatHost } from '../../../src/editor/chat/chat-host.ts';
import type { ToHostBody } from '../../../src/protocol/chat.ts';
import { CHOSEN } from '../../support/chat/fake-host.ts';
import { begun } from '../../support/chat/script.ts';
import { FakeBackend, FakeMemento } from './fake-backend.ts';
import { FakePage } from './fake-page.ts';

export const submit = (prompt: string, session: string | null = null): ToHostBody => ({
  type: 'submit',
  session,
  prompt,
  chosen: CHOSEN,
});

/** What a test of the chat's end in the editor has. */
class ChatHostTest {
  backend = new FakeBackend();
  memento = new FakeMemento();
  #host: ChatHost | undefined;
  readonly #hosts: ChatHost[] = [];
  #runs = 0;

  /** The one that was begun last. */
  get host(): ChatHost {
    if (this.#host === undefined) throw new Error('no host was begun');
    return this.#host;
  }

  renew(): void {
    this.backend = new FakeBackend();
    this.memento = new FakeMemento();
  }

  begin(): void {
    const newRunId = (): string => `r_${String(++this.#runs).padStart(32, '0')}`;
    const { backend, memento } = this;
    this.#host = new ChatHost({ backend, memento, newRunId });
    this.#hosts.push(this.#host);
  }

  /** A page of a host that has just begun. */
  open(): FakePage {
    this.begin();
    return new FakePage(this.host);
  }

  /** A page with a task that was sent. */
  async withTask(): Promise<{ page: FakePage; runId: string; session: string }> {
    this.backend.onStart = ({ runId }) => {
      this.backend.emit(runId, ...begun);
      return Promise.resolve();
    };
    const page = this.open();
    await page.ask({ type: 'ready' });
    await page.ask(submit('do it'));
    const { id, runs: entries } = await page.last('session', ({ id }) => id !== null);
    const runId = entries[0]?.runId ?? '';
    await page.last('events', (message) => message.runId === runId);
    return { page, runId, session: id ?? '' };
  }

  dispose(): void {
    for (const each of this.#hosts.splice(0)) each.dispose();
  }
}

/** Gives each test of a suite a backend and a memory of its own, and ends its hosts. */
export function withChatHost(): ChatHostTest {
  const test = new ChatHostTest();
  beforeEach(() => {
    test.renew();
  });
  afterEach(() => {
    test.dispose();
  });
  return test;
}
