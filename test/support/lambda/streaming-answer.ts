import type { ServerResponse } from 'node:http';
import { Bandwidth } from './bandwidth.ts';
import { eventStreamType, type InvokeComplete, invokeComplete, payloadChunk } from './event-stream.ts';
import { streamLimit } from './limits.ts';
import type { Outcome, ResponseSink } from '../../../src/core/lambda-local/invocation.ts';
import type { ThrottleOptions } from './types.ts';

/** The answer to InvokeWithResponseStream: a frame for each piece as it comes, then one that says how it ended. */
export class StreamingAnswer implements ResponseSink {
  readonly #response: ServerResponse;
  readonly #bandwidth: Bandwidth | undefined;
  readonly #left = new AbortController();
  #size = 0;
  #ended = false;

  constructor(response: ServerResponse, throttle: ThrottleOptions | false) {
    this.#response = response;
    this.#bandwidth = throttle ? new Bandwidth(throttle) : undefined;
    response.once('close', () => this.#left.abort());
  }

  async write(piece: Uint8Array): Promise<boolean> {
    const fits = piece.subarray(0, streamLimit - this.#size);
    this.#size += piece.length;
    if (fits.length > 0 && !this.#left.signal.aborted) {
      await this.#bandwidth?.take(fits.length, this.#left.signal);
      // The invocation may have been ended while this piece waited.
      if (!this.#ended) await this.#send(payloadChunk(fits));
    }
    return this.#size <= streamLimit;
  }

  /** Ends the stream. `logResult` is the end of the log in base64, for a caller that asked for it. */
  async end(outcome: Outcome, logResult: string | undefined): Promise<void> {
    this.#ended = true;
    await this.#send(invokeComplete({ ...this.#error(outcome), LogResult: logResult }));
    this.#response.end();
  }

  #error(outcome: Outcome): InvokeComplete {
    if (this.#size > streamLimit) return { ErrorCode: 'Function.ResponseSizeTooLarge' };
    if (outcome.kind === 'complete') return {};
    if (outcome.kind === 'broken' && outcome.midStream) {
      return { ErrorCode: midStreamCode(outcome.error.type) };
    }
    return { ErrorCode: 'Unhandled', ErrorDetails: outcome.error.body };
  }

  async #send(frame: Uint8Array): Promise<void> {
    const response = this.#response;
    const signal = this.#left.signal;
    if (signal.aborted) return;
    if (!response.headersSent) {
      response.writeHead(200, { 'content-type': eventStreamType, 'x-amz-executed-version': '$LATEST' });
    }
    if (response.write(frame)) return;
    // A connection that has gone never drains.
    await new Promise<void>((resolve) => {
      const proceed = (): void => {
        response.off('drain', proceed);
        signal.removeEventListener('abort', proceed);
        resolve();
      };
      response.once('drain', proceed);
      signal.addEventListener('abort', proceed);
    });
  }
}

/**
 * What Lambda calls the end of a stream that it cut off itself; it gives no details then. The names are those
 * of AWS's emulator (`directinvoke.go`, `fatalerror.go`), and callers report them from AWS: a process that dies
 * shows as a truncated response, and only the log says that it exited.
 */
function midStreamCode(type: string): string {
  if (type === 'Sandbox.Timedout') return 'Sandbox.Timeout';
  return 'Runtime.TruncatedResponse';
}
