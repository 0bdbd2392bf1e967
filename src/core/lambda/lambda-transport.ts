import type { LambdaClient } from '@aws-sdk/client-lambda';
import { OffloadError } from '../../protocol/error.ts';
import { decodeFrames } from '../../protocol/frame.ts';
import type { Request } from '../../protocol/request.ts';
import type { Transport } from '../transport.ts';
import { asLambdaError } from './lambda-error.ts';
import type { LambdaTarget } from './lambda-target.ts';
import { payloadChunks } from './payload-chunks.ts';

/** Bytes of an invocation's payload at most (Lambda quotas). */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Reaches a backend that is a Lambda function, by an invocation whose response streams. */
export class LambdaTransport implements Transport {
  readonly #target: LambdaTarget;
  #client: Promise<LambdaClient> | undefined;

  constructor(target: LambdaTarget) {
    this.#target = target;
  }

  async *send(request: Request, signal?: AbortSignal): AsyncGenerator<object, void, undefined> {
    const payload = Buffer.from(JSON.stringify(request));
    if (payload.length > MAX_PAYLOAD_BYTES) {
      const size = `${String(Math.ceil(payload.length / 1024 ** 2))} MB`;
      throw new OffloadError('too-large', `The request takes ${size}; AWS Lambda takes 6 MB at once.`, {
        fix: 'Send less, or run on this computer.',
      });
    }
    const leaving = new AbortController();
    const abortSignal = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    try {
      // Loaded when it is used: the SDK is large.
      const { InvokeWithResponseStreamCommand } = await import('@aws-sdk/client-lambda');
      const client = await this.#connect();
      const command = new InvokeWithResponseStreamCommand({
        FunctionName: this.#target.functionName,
        Payload: payload,
      });
      const { EventStream } = await client.send(command, { abortSignal });
      if (EventStream === undefined)
        throw new OffloadError('interrupted', 'AWS Lambda answered without a stream.');
      yield* decodeFrames(payloadChunks(EventStream));
    } catch (error) {
      signal?.throwIfAborted();
      throw asLambdaError(error, this.#target);
    } finally {
      leaving.abort();
    }
  }

  dispose(): void {
    void this.#client?.then((client) => {
      client.destroy();
    });
  }

  #connect(): Promise<LambdaClient> {
    this.#client ??= (async () => {
      const { LambdaClient } = await import('@aws-sdk/client-lambda');
      const { region, endpoint, credentials, maxAttempts } = this.#target;
      return new LambdaClient({
        region,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(credentials === undefined ? {} : { credentials }),
        ...(maxAttempts === undefined ? {} : { maxAttempts }),
      });
    })();
    return this.#client;
  }
}
