import type { RunStream, Sandbox } from '../../../src/core/sandbox.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';

/** What one connection does: gives events, then ends, or throws. */
export type Connection = (RunEvent | Error)[];

/** A sandbox whose connections are laid down beforehand, one for each request. */
export class FakeSandbox implements Sandbox {
  /** What was asked: `submit`, or `attach N`. */
  readonly asked: string[] = [];
  readonly #connections: Connection[];

  constructor(...connections: Connection[]) {
    this.#connections = connections;
  }

  submit(_request: RunRequest, signal?: AbortSignal): RunStream {
    return this.#next('submit', signal);
  }

  attach(_runId: string, after: number, signal?: AbortSignal): RunStream {
    return this.#next(`attach ${String(after)}`, signal);
  }

  async *#next(what: string, signal?: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
    this.asked.push(what);
    const connection = this.#connections.shift();
    if (connection === undefined) throw new Error('There is no further connection.');
    for (const step of connection) {
      await Promise.resolve();
      if (step instanceof Error) throw step;
      signal?.throwIfAborted();
      yield step;
    }
  }

  readonly #unused = (): never => {
    throw new Error('Nothing here asks for that.');
  };
  environment = this.#unused;
  cancel = this.#unused;
  readonly putWhole = undefined;
  input = this.#unused;
  missing = this.#unused;
  put = this.#unused;
  runs = this.#unused;
  readBlob = this.#unused;
  dispose(): void {
    // It holds nothing.
  }
}
