import { createHash } from 'node:crypto';
import { parseEvent, parseReply } from '../protocol/decode.ts';
import { fromWire, OffloadError } from '../protocol/error.ts';
import { isTerminal, type TerminalEvent } from '../protocol/event.ts';
import {
  blobReplySchema,
  doneReplySchema,
  environmentReplySchema,
  errorReplySchema,
  missingReplySchema,
  runReplySchema,
  type Environment,
  type RunSummary,
} from '../protocol/reply.ts';
import { MAX_HASHES, type PutPart, type Request, type RunRequest } from '../protocol/request.ts';
import type { TaskInput, TaskRequest } from '../protocol/task.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { RunStream, Sandbox } from './sandbox.ts';
import type { Transport } from './transport.ts';
import type { PutWhole } from './whole-content.ts';

const version = PROTOCOL_VERSION;

/** A sandbox behind a transport: says requests, reads and checks what comes back. */
export class RemoteSandbox implements Sandbox {
  readonly putWhole: PutWhole | undefined;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.putWhole = transport.putWhole;
  }

  async environment(signal?: AbortSignal): Promise<Environment> {
    for await (const frame of this.#send({ kind: 'environment', version }, signal)) {
      return parseReply(environmentReplySchema, frame);
    }
    throw unanswered();
  }

  submit(request: RunRequest | TaskRequest, signal?: AbortSignal): RunStream {
    return this.#events(request, signal);
  }

  attach(runId: string, after: number, signal?: AbortSignal, onAlive?: () => void): RunStream {
    return this.#events({ kind: 'attach', version, runId, after }, signal, onAlive);
  }

  async cancel(runId: string, signal?: AbortSignal): Promise<TerminalEvent> {
    for await (const event of this.#events({ kind: 'cancel', version, runId }, signal)) {
      if (isTerminal(event)) return event;
    }
    throw unanswered();
  }

  input(runId: string, input: TaskInput, signal?: AbortSignal): Promise<void> {
    return this.#done({ kind: 'input', version, runId, input }, signal);
  }

  async missing(hashes: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const missing: string[] = [];
    for (let at = 0; at < hashes.length; at += MAX_HASHES) {
      const some = hashes.slice(at, at + MAX_HASHES);
      missing.push(...(await this.#missingOf(some, signal)));
    }
    return missing;
  }

  put(parts: readonly PutPart[], signal?: AbortSignal): Promise<void> {
    return this.#done({ kind: 'put', version, parts: [...parts] }, signal);
  }

  async runs(signal?: AbortSignal): Promise<RunSummary[]> {
    const runs: RunSummary[] = [];
    for await (const frame of this.#send({ kind: 'runs', version }, signal)) {
      if (isDone(frame)) return runs;
      runs.push(parseReply(runReplySchema, frame));
    }
    throw unanswered();
  }

  async readBlob(runId: string, hash: string, signal?: AbortSignal): Promise<Buffer> {
    const content = await this.#fetchBlob(runId, hash, signal);
    if (createHash('sha256').update(content).digest('hex') !== hash) {
      throw new OffloadError('bad-frame', 'The content of a changed file does not match its hash.');
    }
    return content;
  }

  dispose(): void {
    this.#transport.dispose();
  }

  async #missingOf(hashes: string[], signal?: AbortSignal): Promise<string[]> {
    for await (const frame of this.#send({ kind: 'missing', version, hashes }, signal)) {
      return parseReply(missingReplySchema, frame).hashes;
    }
    throw unanswered();
  }

  /** A request that is answered with `done`. */
  async #done(request: Request, signal?: AbortSignal): Promise<void> {
    for await (const frame of this.#send(request, signal)) if (isDone(frame)) return;
    throw unanswered();
  }

  async #fetchBlob(runId: string, hash: string, signal?: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const frame of this.#send({ kind: 'blob', version, runId, hash }, signal)) {
      const part = parseReply(blobReplySchema, frame);
      parts.push(Buffer.from(part.base64, 'base64'));
      if (part.last) return Buffer.concat(parts);
    }
    throw unanswered();
  }

  async *#events(request: Request, signal?: AbortSignal, onAlive?: () => void): RunStream {
    for await (const frame of this.#send(request, signal, onAlive)) {
      const event = parseEvent(frame);
      yield event;
      if (isTerminal(event)) return;
    }
  }

  /** The frames of a reply: heartbeats taken out, an error thrown. */
  async *#send(
    request: Request,
    signal?: AbortSignal,
    onAlive?: () => void,
  ): AsyncGenerator<object, void, undefined> {
    for await (const frame of this.#transport.send(request, signal)) {
      const type = 'type' in frame ? frame.type : undefined;
      if (type === 'error') throw fromWire(parseReply(errorReplySchema, frame).error);
      if (type === 'heartbeat') onAlive?.();
      else yield frame;
    }
  }
}

const isDone = (frame: object): boolean => doneReplySchema.safeParse(frame).success;

const unanswered = () =>
  new OffloadError('interrupted', 'The connection to the backend ended before its answer was complete.');
