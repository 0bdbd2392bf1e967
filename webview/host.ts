import { toPageSchema, type ToHost, type ToHostBody, type ToPage } from '../src/protocol/chat.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare const acquireVsCodeApi: () => EditorApi;

export interface HostListener {
  onMessage(message: ToPage): void;
  /** The host has said something that is no message: two builds have met. */
  onUnreadable(): void;
}

/** The editor's end of the page. */
export class Host {
  readonly #api = acquireVsCodeApi();
  #lastId = 0;

  /** Listens from now on. */
  listen(listener: HostListener): void {
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = toPageSchema.safeParse(event.data);
      if (message.success) listener.onMessage(message.data);
      else listener.onUnreadable();
    });
  }

  /** Sends a message and gives the number that its reply will name. */
  send(body: ToHostBody): number {
    const id = ++this.#lastId;
    this.#api.postMessage({ ...body, id } satisfies ToHost);
    return id;
  }

  /** What the page kept before it was hidden or loaded anew. */
  kept(): unknown {
    return this.#api.getState();
  }

  keep(state: unknown): void {
    this.#api.setState(state);
  }
}
