import type { Writable } from 'node:stream';

/** What a function is told of an invocation. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
  functionName?: string;
}

/** Bytes of an answer at most, somewhat below Lambda's 200 MB: who wants more attaches. */
export const MAX_ANSWER_BYTES = 190 * 1024 * 1024;

/** Milliseconds before the end of an invocation at which nothing is waited for any more. */
export const LAST_MOMENT = 500;

type Handler = (event: unknown, response: Writable, context: InvocationContext) => Promise<void>;

/** What Lambda's runtime client puts into the global scope; see the developer guide, "response streaming". */
declare const awslambda: {
  streamifyResponse(handler: Handler): unknown;
  HttpResponseStream: {
    from(response: Writable, prelude: { statusCode: number; headers: Record<string, string> }): Writable;
  };
};

/** A function whose answer is a stream, as the runtime client wants it. */
export const streamingHandler = (handler: Handler): unknown => awslambda.streamifyResponse(handler);

const begun = new WeakSet<Writable>();

/** The answer to a request at the function's URL: its status and headers, then what is written. */
export function httpAnswer(
  response: Writable,
  statusCode: number,
  headers: Record<string, string>,
): Writable {
  begun.add(response);
  return awslambda.HttpResponseStream.from(response, { statusCode, headers });
}

/** Whether {@link httpAnswer} has begun one: then another one cannot take its place. */
export const hasBegun = (response: Writable): boolean => begun.has(response);

/** Waits until what is written has been taken; or the reader has left. */
export const written = (response: Writable, bytes: Uint8Array | string): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed || response.writableEnded) resolve();
    else
      response.write(bytes, () => {
        resolve();
      });
  });
