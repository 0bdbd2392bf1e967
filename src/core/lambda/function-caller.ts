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

/** Milliseconds in which an answer has to come to its end that nobody reads any more. */
const REST = 15_000;

/** Calls Lambda functions whose answers are frames, by invocations whose responses stream. */
export class FunctionCaller {
  readonly #account: LambdaAccount;
  #client: Promise<LambdaClient> | undefined;
  /** Aborts answers of which nothing is wanted any more but their end. */
  readonly #over = new AbortController();

  constructor(account: LambdaAccount) {
    this.#account = account;
  }

  /**
   * The frames of an answer, as they come.
   * @param event its JSON, no more than {@link MAX_PAYLOAD_BYTES}
   * @param isLast whether nothing is wanted after a frame. The answer is then read to its end, out of the way: a connection
   *   on which one was broken off cannot be used again, and making another takes several times the way to AWS.
   * @throws OffloadError; see {@link asLambdaError} and `payloadChunks`
   */
  async *call(
    { functionName, tenant }: CalledFunction,
    event: Uint8Array,
    signal?: AbortSignal,
    isLast: (frame: object) => boolean = () => false,
  ): AsyncGenerator<object, void, undefined> {
    const leaving = new AbortController();
    let frames: AsyncGenerator<object, void, undefined> | undefined;
    let reading: Promise<void> | undefined;
    const abortSignal = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    try {
      // Loaded when it is used: the SDK is large.
      const { InvokeWithResponseStreamCommand } = await import('./lambda-sdk.ts');
      const client = await this.#connect();
      const command = new InvokeWithResponseStreamCommand({
        FunctionName: this.#nameOf(functionName),
        Payload: event,
        TenantId: tenant,
      });
      const { EventStream } = await client.send(command, { abortSignal });
      if (EventStream === undefined)
        throw new OffloadError('interrupted', 'AWS Lambda answered without a stream.');
      frames = decodeFrames(payloadChunks(EventStream));
      for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
        const last = isLast(next.value);
        if (last) reading = this.#readRest(frames, leaving);
        yield next.value;
        if (last) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw asLambdaError(error, { ...this.#account, functionName });
    } finally {
      if (reading === undefined) {
        leaving.abort();
        await frames?.return();
      }
    }
  }

  dispose(): void {
    this.#over.abort();
    void this.#client?.then((client) => {
      client.destroy();
    });
  }

  async #readRest(frames: AsyncGenerator<object, void, undefined>, leaving: AbortController): Promise<void> {
    const leave = (): void => {
      leaving.abort();
    };
    const timer = setTimeout(leave, REST).unref();
    this.#over.signal.addEventListener('abort', leave);
    try {
      while ((await frames.next()).done !== true);
    } catch {
      // What broke off is not wanted.
    } finally {
      clearTimeout(timer);
      this.#over.signal.removeEventListener('abort', leave);
      leave();
    }
  }

  /** A name alone is that of a function in the account that the credentials are of. */
  #nameOf(functionName: string): string {
    const { account } = this.#account;
    return account === undefined ? functionName : `${account}:function:${functionName}`;
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
