import type { ReviewedFile, Standing, ToPage } from '../../protocol/chat.ts';
import { asOffloadError, fromWire, OffloadError } from '../../protocol/error.ts';
import type { ChangeEvent } from '../../protocol/event.ts';
import type { ChatBackend, Fix } from './chat-service.ts';
import { EventBatches } from './event-batches.ts';

/** Milliseconds between two signs of life that the page is told of. */
const ALIVE_PAUSE = 4000;

export interface FeedOptions {
  backend: Pick<ChatBackend, 'follow' | 'decisions' | 'log'>;
  runId: string;
  post: (message: ToPage) => Promise<unknown>;
  /** An error with the buttons that the page shows under it. */
  shown: (error: OffloadError, fixes?: readonly Fix[]) => Extract<Standing, { state: 'lost' }>['error'];
}

/** A run as one page sees it: its events from the first one on, how it stands, and what is decided about its changes. */
export class RunFeed {
  readonly #options: FeedOptions;
  readonly #changes = new Map<string, ChangeEvent>();
  #following = new AbortController();
  #hasEnded = false;
  #aliveAt = 0;
  #told: string | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    void this.follow(0);
  }

  /** Follows the run from the event after the numbered one, anew where it was followed already. */
  async follow(after: number): Promise<void> {
    this.#following.abort();
    const following = new AbortController();
    this.#following = following;
    const { backend, runId, post } = this.#options;
    const batches = new EventBatches(runId, after, post);
    this.#stand({ state: 'following' });
    try {
      let failure: OffloadError | undefined;
      for await (const event of backend.follow(runId, after, following.signal, this.#alive)) {
        if (event.type === 'change') this.#changes.set(event.path, event);
        if (event.type === 'failed') failure = fromWire(event.error);
        await batches.add(event);
      }
      await batches.flush();
      if (following.signal.aborted) return;
      this.#hasEnded = true;
      this.#stand({
        state: 'ended',
        ...(failure === undefined ? {} : { error: this.#options.shown(failure) }),
      });
      await this.tellDecisions();
    } catch (thrown) {
      if (following.signal.aborted) return;
      await batches.flush();
      backend.log(thrown, 'follow');
      this.#stand({ state: 'lost', error: this.#options.shown(lostError(thrown), [this.#again]) });
    } finally {
      batches.dispose();
    }
  }

  /** Tells the page what has been decided about the changes, where that is something else than before. */
  async tellDecisions(): Promise<void> {
    if (!this.#hasEnded || this.#changes.size === 0) return;
    const { backend, runId, post } = this.#options;
    const files: ReviewedFile[] | undefined = await backend.decisions(runId, [...this.#changes.values()]);
    const told = JSON.stringify(files);
    if (files === undefined || told === this.#told) return;
    this.#told = told;
    await post({ type: 'changes', runId, files });
  }

  dispose(): void {
    this.#following.abort();
  }

  readonly #again: Fix = {
    label: 'Look Again',
    apply: () => {
      // Not waited for: it goes on until the run ends.
      void this.follow(0);
      return Promise.resolve();
    },
  };

  readonly #alive = (): void => {
    const now = Date.now();
    if (now - this.#aliveAt < ALIVE_PAUSE) return;
    this.#aliveAt = now;
    void this.#options.post({ type: 'alive', runId: this.#options.runId });
  };

  #stand(standing: Standing): void {
    void this.#options.post({ type: 'standing', runId: this.#options.runId, standing });
  }
}

function lostError(thrown: unknown): OffloadError {
  const error = asOffloadError(thrown);
  if (error.code !== 'unknown-run') return error;
  return new OffloadError('unknown-run', 'What happened here is no longer known to the sandbox.', {
    fix: 'The sandbox keeps runs for some time; what was accepted is in your files.',
    cause: thrown,
  });
}
