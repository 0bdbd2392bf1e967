import type { LambdaClient } from '@aws-sdk/client-lambda';
import { OffloadError } from '../../protocol/error.ts';
import { decodeFrames } from '../../protocol/frame.ts';
import { asLambdaError } from './lambda-error.ts';
import type { LambdaAccount } from './lambda-target.ts';
import { payloadChunks } from './payload-chunks.ts';

/** Bytes of an invocation's payload at most (Lambda quotas). */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** What is called: a function, and for one whose environments are kept apart, by what. */
export interface CalledFunction {
  functionName: string;
  tenant?: string | undefined;
}

/** Calls Lambda functions whose answers are frames, by invocations whose responses stream. */
export class FunctionCaller {
  readonly #account: LambdaAccount;
  #client: Promise<LambdaClient> | undefined;

  constructor(account: LambdaAccount) {
    this.#account = account;
  }

  /**
   * The frames of an answer, as they come.
   * @param event its JSON, no more than {@link MAX_PAYLOAD_BYTES}
   * @throws OffloadError; see {@link asLambdaError} and `payloadChunks`
   */
  async *call(
    { functionName, tenant }: CalledFunction,
    event: Uint8Array,
    signal?: AbortSignal,
  ): AsyncGenerator<object, void, undefined> {
    const leaving = new AbortController();
    const abortSignal = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    try {
      // Loaded when it is used: the SDK is large.
      const { InvokeWithResponseStreamCommand } = await import('./lambda-sdk.ts');
      const client = await this.#connect();
      const command = new InvokeWithResponseStreamCommand({
        FunctionName: functionName,
        Payload: event,
        TenantId: tenant,
      });
      const { EventStream } = await client.send(command, { abortSignal });
      if (EventStream === undefined)
        throw new OffloadError('interrupted', 'AWS Lambda answered without a stream.');
      yield* decodeFrames(payloadChunks(EventStream));
    } catch (error) {
      signal?.throwIfAborted();
      const { region, profile } = this.#account;
      throw asLambdaError(error, { functionName, region, profile });
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
      const { LambdaClient } = await import('./lambda-sdk.ts');
      const { region, endpoint, credentials, maxAttempts } = this.#account;
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
