import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseReply } from '../../protocol/decode.ts';
import { OffloadError } from '../../protocol/error.ts';
import { isTerminal, queuedEvent } from '../../protocol/event.ts';
import { grantSchema, type Grant } from '../../protocol/lambda.ts';
import { MAX_REQUEST_BYTES, type Request, type RunRequest } from '../../protocol/request.ts';
import type { TaskRequest } from '../../protocol/task.ts';
import type { Transport } from '../transport.ts';
import type { PutWhole } from '../whole-content.ts';
import {
  BUSY_DELAYS,
  calledAgain,
  isInterruption,
  isLast,
  typeOf,
  unanswered,
  type Frames,
} from './answer.ts';
import { ControlCaller } from './control-caller.ts';
import { FunctionCaller, MAX_PAYLOAD_BYTES } from './function-caller.ts';
import type { DeployedTarget } from './lambda-target.ts';
import { StoreContents } from './store-contents.ts';

type Submission = RunRequest | TaskRequest;

/** Bytes that an invocation's payload has besides the request: the grant, whose addresses may be hundreds of 2 KB each. */
const SPARE_BYTES = 1536 * 1024;

/** The number of a run's first event, which says that it was claimed and no more. */
const FIRST = 1;

/** Waits, in milliseconds, before a run is followed again. */
const ATTACH_DELAYS = [0, 50, 200, 500, 1000, 2000, 4000, 8000];

/**
 * Reaches a backend that was deployed. A run is claimed by control and carried out by the runner, whose answer is followed;
 * where that breaks off, the run is followed through control.
 */
export class DeployedTransport implements Transport {
  readonly #target: DeployedTarget;
  readonly #caller: FunctionCaller;
  readonly #control: ControlCaller;
  readonly #contents: StoreContents;
  readonly putWhole: PutWhole;

  constructor(target: DeployedTarget) {
    this.#target = target;
    this.#caller = new FunctionCaller(target);
    this.#control = new ControlCaller(target, this.#caller);
    this.#contents = new StoreContents(this.#control);
    this.putWhole = this.#contents.put;
  }

  async *send(request: Request, signal?: AbortSignal): Frames {
    if (request.kind === 'run' || request.kind === 'task') yield* this.#submit(request, signal);
    else if (request.kind === 'blob') yield* this.#contents.blob(request, signal);
    else yield* this.#control.ask(request, signal);
  }

  dispose(): void {
    this.#caller.dispose();
  }

  /** Claims a run, has it carried out, and follows it to its end, wherever that is to be read. */
  async *#submit(request: Submission, signal?: AbortSignal): Frames {
    const { version, runId } = request;
    let after = 0;
    let frames = this.#begin(request, signal);
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const frame of frames) {
          const seq = 'seq' in frame ? Number(frame.seq) : undefined;
          if (seq !== undefined && seq <= after) continue;
          attempt = 0;
          yield frame;
          const type = typeOf(frame);
          if (type === 'error' || isTerminal({ type })) return;
          after = seq ?? after;
        }
        // A function has its time, and then its answer ends before the run.
        if (attempt >= ATTACH_DELAYS.length) throw unanswered();
      } catch (error) {
        signal?.throwIfAborted();
        if (!isInterruption(error) || attempt >= ATTACH_DELAYS.length) throw error;
      }
      await delay(ATTACH_DELAYS[attempt], undefined, { signal });
      // Where nothing has come of it, nobody may carry it out, or have claimed it. A claim can be made twice.
      frames =
        after <= FIRST
          ? this.#begin(request, signal)
          : this.#control.ask({ kind: 'attach', version, runId, after }, signal);
    }
  }

  async *#begin({ credentials, ...request }: Submission, signal?: AbortSignal): Frames {
    const large = Buffer.byteLength(JSON.stringify(request)) + SPARE_BYTES > MAX_PAYLOAD_BYTES;
    const claim = large ? await this.#stored(request, signal) : request;
    for await (const frame of this.#control.ask(claim, signal)) {
      if (typeOf(frame) === 'grant') {
        const grant = parseReply(grantSchema, frame);
        // Credentials for the programs pass control by: it has nothing to do with them.
        const event = {
          grant,
          ...(large ? {} : { request: withoutAccess(request) }),
          ...(credentials === undefined ? {} : { credentials }),
        };
        yield* this.#granted(grant, event, signal);
        return;
      }
      yield frame;
    }
  }

  /** The events of a run that was granted: the first is told of at once, while the runner begins. */
  async *#granted(grant: Grant, event: object, signal?: AbortSignal): Frames {
    const leaving = new AbortController();
    const over = AbortSignal.any([leaving.signal, ...(signal === undefined ? [] : [signal])]);
    const frames = this.#run(event, over);
    const first = frames.next();
    first.catch(() => undefined);
    let isHeard = false;
    try {
      if (grant.claimedAt !== undefined) yield queuedEvent(grant.runId, grant.claimedAt);
      for (let next = await first; next.done !== true; next = await frames.next()) {
        isHeard = true;
        yield next.value;
      }
    } finally {
      // An answer that is read to its end leaves a connection for the next.
      if (!isHeard) leaving.abort();
      await frames.return(undefined);
    }
  }

  /** The runner's answer. Nothing is lost by asking it twice: a run is carried out once. */
  async *#run(event: object, signal?: AbortSignal): Frames {
    const { runnerFunction: functionName, tenant } = this.#target;
    const payload = Buffer.from(JSON.stringify(event));
    const call = (): Frames => this.#caller.call({ functionName, tenant }, payload, signal, isLast);
    let [refusals, failures] = [0, 0];
    const wait = (error: OffloadError): number => {
      if (error.code === 'busy') {
        const milliseconds = BUSY_DELAYS[refusals++];
        if (milliseconds !== undefined) return milliseconds;
      }
      // It may have died before it could say anything.
      if (!isInterruption(error)) throw error;
      if (failures++ > 0) throw notStarting(error);
      return 0;
    };
    yield* calledAgain(call, wait, signal);
  }

  /** Brings a request that is too large for an invocation to the store, but for what must not be there. */
  async #stored(request: Submission, signal?: AbortSignal): Promise<object> {
    const { version } = request;
    const bytes = Buffer.from(JSON.stringify(withoutAccess(request)));
    if (bytes.length > MAX_REQUEST_BYTES) throw tooLarge(bytes.length);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await this.putWhole({ hash, size: bytes.length, pieces: () => [bytes] }, signal);
    const access = request.kind === 'task' && request.access !== undefined ? { access: request.access } : {};
    return { kind: 'stored', version, hash, ...access };
  }
}

const tooLarge = (bytes: number) =>
  new OffloadError(
    'too-large',
    `The request takes ${megabytes(bytes)}; the backend takes ${megabytes(MAX_REQUEST_BYTES)}.`,
    {
      fix: 'Send less.',
    },
  );

const megabytes = (bytes: number): string => `${String(Math.ceil(bytes / 1024 ** 2))} MB`;

const notStarting = (cause: OffloadError) =>
  new OffloadError('no-backend', `The runner does not start: ${cause.message}`, {
    fix: 'Its log tells more. Deploy the backend again.',
    cause,
  });

/** The key for the model is for control alone. */
function withoutAccess(request: Submission): Submission {
  const sent = { ...request };
  if (sent.kind === 'task') delete sent.access;
  return sent;
}
