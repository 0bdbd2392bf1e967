import type { ToPage } from '../../protocol/chat.ts';
import type { ChatBackend, Disposable } from './chat-service.ts';
import { ChatMemory, type Memento } from './chat-memory.ts';
import { PageConnection } from './page-connection.ts';
import { Preparations } from './preparations.ts';

export interface ChatHostOptions {
  backend: ChatBackend;
  memento: Memento;
  newRunId: () => string;
}

/** The chat of a window. Pages come and go as the view is shown and hidden; what is on its way outlives them. */
export class ChatHost implements Disposable {
  readonly #backend: ChatBackend;
  readonly #memory: ChatMemory;
  readonly #preparations: Preparations;
  #page: PageConnection | undefined;
  #wanted: 'prompt' | 'sessions' | undefined;

  constructor({ backend, memento, newRunId }: ChatHostOptions) {
    this.#backend = backend;
    this.#memory = new ChatMemory(memento);
    this.#preparations = new Preparations({ backend, memory: this.#memory, newRunId });
  }

  /** The page that is there now. */
  get page(): PageConnection | undefined {
    return this.#page;
  }

  /** Serves a page from now on, in place of an earlier one. @param post resolves when the page has taken a message */
  connect(post: (message: ToPage) => Promise<unknown>): PageConnection {
    this.#page?.dispose();
    const page = new PageConnection({
      backend: this.#backend,
      memory: this.#memory,
      preparations: this.#preparations,
      post,
    });
    this.#page = page;
    if (this.#wanted !== undefined) void page.reveal(this.#wanted);
    this.#wanted = undefined;
    return page;
  }

  /** The page is gone; what it followed goes on. */
  disconnect(page: PageConnection): void {
    page.dispose();
    if (this.#page === page) this.#page = undefined;
  }

  /** Shows a session, now or when the view is next opened; null for one that is about to begin. */
  async show(session: string | null): Promise<void> {
    await this.#memory.show(session ?? undefined);
    await this.#page?.show(session);
  }

  /** Shows a part of the page, now or when the view is next opened. */
  async reveal(what: 'prompt' | 'sessions'): Promise<void> {
    if (this.#page === undefined) this.#wanted = what;
    else await this.#page.reveal(what);
  }

  dispose(): void {
    this.#page?.dispose();
    this.#preparations.dispose();
  }
}
