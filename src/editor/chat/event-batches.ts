import type { ToPage } from '../../protocol/chat.ts';
import type { RunEvent } from '../../protocol/event.ts';
import { OutputCut } from './output-cut.ts';

type Events = Extract<ToPage, { type: 'events' }>;

/** Events in one message at most, and characters of them, roughly. */
const MAX_EVENTS = 500;
const MAX_CHARS = 256 * 1024;
/** Milliseconds that an event waits for others. */
const PAUSE = 30;

/** Gathers the events of a run into few messages: agents stream by the word. */
export class EventBatches {
  readonly #runId: string;
  readonly #post: (message: Events) => Promise<unknown>;
  readonly #cut = new OutputCut();
  #events: RunEvent[] = [];
  #chars = 0;
  /** The number of the last event that was sent, and of the last that came. */
  #sent: number;
  #last: number;
  #timer: NodeJS.Timeout | undefined;
  #posting: Promise<unknown> = Promise.resolve();

  /** @param after the number of the last event that the page has */
  constructor(runId: string, after: number, post: (message: Events) => Promise<unknown>) {
    this.#runId = runId;
    this.#post = post;
    this.#sent = after;
    this.#last = after;
  }

  /** Takes an event; resolves when the page is ready for more. */
  async add(event: RunEvent): Promise<void> {
    this.#last = event.seq;
    this.#events.push(...this.#cut.take(event));
    this.#chars += sizeOf(event);
    if (this.#events.length >= MAX_EVENTS || this.#chars >= MAX_CHARS) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), PAUSE);
  }

  /** Sends what has gathered; resolves when everything before has been taken. */
  flush(): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#last > this.#sent) {
      const message: Events = {
        type: 'events',
        runId: this.#runId,
        after: this.#sent,
        last: this.#last,
        events: this.#events,
      };
      this.#sent = this.#last;
      this.#events = [];
      this.#chars = 0;
      this.#posting = this.#posting.then(() => this.#post(message));
    }
    return this.#posting;
  }

  /** Nothing is sent any more. */
  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** What may be long in an event. */
function sizeOf(event: RunEvent): number {
  if (event.type === 'output') return event.text?.length ?? event.base64?.length ?? 0;
  if (event.type !== 'agent') return 64;
  const { item } = event;
  if ('delta' in item) return item.delta.length;
  if (item.kind === 'tool-call') return JSON.stringify(item.input ?? null).length;
  return 'text' in item ? (item.text?.length ?? 0) : 64;
}
