import { createHash } from 'node:crypto';
import { on } from 'node:events';
import { EventEmitter } from 'node:events';
import type { RunStream, Sandbox } from '../../../src/core/sandbox.ts';
import type { EventBody, RunEvent, TerminalEvent } from '../../../src/protocol/event.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import type { RunSummary } from '../../../src/protocol/reply.ts';
import type { PutPart, RunRequest } from '../../../src/protocol/request.ts';
import type { TaskInput, TaskRequest } from '../../../src/protocol/task.ts';

export const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** A sandbox that holds one task, whose events the test tells, and which notes what it is asked. */
export class FakeTask implements Sandbox {
  readonly requests: (RunRequest | TaskRequest)[] = [];
  readonly inputs: TaskInput[] = [];
  readonly putWhole = undefined;
  readonly contents = new Map<string, Buffer>();
  cancels = 0;
  /** What inputs and cancellations fail with. */
  refusal: Error | undefined;
  readonly #told: RunEvent[] = [];
  readonly #bell = new EventEmitter();

  /** The next event of the task. */
  tell(body: EventBody): void {
    this.#told.push({ ...body, seq: this.#told.length + 1, time: 0 });
    this.#bell.emit('event');
  }

  /** Keeps a content, and gives its hash. */
  keep(content: string): string {
    this.contents.set(hashOf(content), Buffer.from(content));
    return hashOf(content);
  }

  submit(request: RunRequest | TaskRequest, signal?: AbortSignal): RunStream {
    this.requests.push(request);
    return this.attach(request.runId, 0, signal);
  }

  async *attach(
    _runId: string,
    after: number,
    signal?: AbortSignal,
  ): AsyncGenerator<RunEvent, void, undefined> {
    const rings = on(this.#bell, 'event', { signal });
    for (let at = after; ; at++) {
      while (this.#told.length <= at) await rings.next();
      const event = this.#told[at];
      if (event === undefined) return;
      yield event;
      if (isTerminal(event)) return;
    }
  }

  cancel(): Promise<TerminalEvent> {
    this.cancels += 1;
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.tell({ type: 'cancelled', usage: { wallMs: 1, outputBytes: 0 } });
    return Promise.resolve(this.#told.at(-1) as TerminalEvent);
  }

  input(_runId: string, input: TaskInput): Promise<void> {
    this.inputs.push(input);
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }

  readBlob(_runId: string, hash: string): Promise<Buffer> {
    const content = this.contents.get(hash);
    return content === undefined ? Promise.reject(new Error(`no content ${hash}`)) : Promise.resolve(content);
  }

  missing(hashes: readonly string[]): Promise<string[]> {
    return Promise.resolve([...hashes]);
  }

  put(_parts: readonly PutPart[]): Promise<void> {
    return Promise.resolve();
  }

  runs(): Promise<RunSummary[]> {
    return Promise.resolve([]);
  }

  environment(): never {
    throw new Error('Nothing here asks for that.');
  }

  dispose(): void {
    // It holds nothing.
  }
}
