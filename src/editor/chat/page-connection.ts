import { toHostSchema, type ToHost, type ToHostHandlers, type ToPage } from '../../protocol/chat.ts';
import { why } from '../../protocol/decode.ts';
import { asOffloadError, OffloadError } from '../../protocol/error.ts';
import { isAbort } from '../abort.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatBackend, Disposable } from './chat-service.ts';
import { PageDisplay } from './page-display.ts';
import { pageRequests } from './page-requests.ts';
import type { Preparations } from './preparations.ts';
import { ShownErrors } from './shown-errors.ts';

/** Milliseconds that a change waits for others before the page is told. */
const PAUSE = 50;

export interface PageOptions {
  backend: ChatBackend;
  memory: ChatMemory;
  preparations: Preparations;
  /** Resolves when the page has taken it. */
  post: (message: ToPage) => Promise<unknown>;
}

/** The page of a view, however often VS Code loads it anew: what it asks is checked, done and replied to. */
export class PageConnection implements Disposable {
  readonly #options: PageOptions;
  readonly #errors: ShownErrors;
  readonly #display: PageDisplay;
  readonly #requests: ToHostHandlers<Promise<unknown>>;
  readonly #subscriptions: Disposable[];
  #refreshing: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(options: PageOptions) {
    const { backend, memory, preparations } = options;
    this.#options = options;
    this.#errors = new ShownErrors(backend);
    const parts = { backend, memory, preparations, errors: this.#errors };
    const display = new PageDisplay({ ...parts, post: this.#post });
    this.#display = display;
    this.#requests = pageRequests({ ...parts, display });
    this.#subscriptions = [
      backend.onDidChange(() => {
        this.#refreshing ??= setTimeout(() => {
          this.#refreshing = undefined;
          void display.refresh();
        }, PAUSE);
      }),
      preparations.listen({
        onChange: (session, runId) => void display.tellPreparation(session, runId),
        onDropped: (session, text) => {
          if (session === display.session) void display.draft(text);
        },
      }),
    ];
  }

  /** Whether a run is among those that the page shows. */
  shows(runId: string): boolean {
    return this.#display.shows(runId);
  }

  /** Takes what the page says: checks it, does it, and replies. Never rejects. */
  async take(raw: unknown): Promise<void> {
    const message = toHostSchema.safeParse(raw);
    if (!message.success) return this.#refuse(raw, why(message.error));
    const { id, type } = message.data;
    try {
      await this.#do(message.data);
      await this.#post({ type: 'reply', id });
    } catch (thrown) {
      if (isAbort(thrown)) {
        await this.#post({ type: 'reply', id });
        return;
      }
      this.#options.backend.log(thrown, `chat ${type}`);
      const error = this.#errors.show(asOffloadError(thrown), [], this.#retry(message.data));
      await this.#post({ type: 'reply', id, error });
    }
  }

  /** Shows a session; null for one that is about to begin. */
  show(session: string | null): Promise<void> {
    return this.#display.show(session);
  }

  /** Shows a part of the page, once it is there. */
  reveal(what: 'prompt' | 'sessions'): Promise<void> {
    return this.#display.reveal(what);
  }

  /** The page is not shown, and so not there: nothing is followed for it until it says that it is ready again. */
  sleep(): void {
    this.#display.sleep();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#refreshing);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.sleep();
  }

  /** The one place where the compiler does not see that a message goes to the handler of its kind. */
  #do(message: ToHost): Promise<unknown> {
    return (this.#requests[message.type] as (message: ToHost) => Promise<unknown>)(message);
  }

  /** Does again what failed; what was typed is still there to be sent. */
  #retry(message: ToHost): (() => Promise<void>) | undefined {
    if (message.type === 'submit' || message.type === 'message') return undefined;
    return async () => {
      await this.#do(message);
    };
  }

  async #refuse(raw: unknown, reason: string): Promise<void> {
    const error = new OffloadError(
      'bad-request',
      `The chat asked for something that cannot be read: ${reason}.`,
    );
    this.#options.backend.log(error, 'chat');
    const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
    if (typeof id === 'number' && Number.isInteger(id)) {
      await this.#post({ type: 'reply', id, error: this.#errors.show(error) });
    }
  }

  readonly #post = async (message: ToPage): Promise<void> => {
    if (!this.#isDisposed) await this.#options.post(message);
  };
}
