import type { ServerResponse } from 'node:http';
import { bufferedResponseLimit } from './limits.ts';
import type { Outcome, ResponseSink } from './invocation.ts';

/** The answer to Invoke: the whole response at its end, or the error in its place. */
export class BufferedAnswer implements ResponseSink {
  readonly #response: ServerResponse;
  #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(piece: Uint8Array): Promise<boolean> {
    this.#size += piece.length;
    if (this.#tooLarge) this.#pieces = [];
    else this.#pieces.push(piece);
    return Promise.resolve(!this.#tooLarge);
  }

  /** `logResult` is the end of the log in base64, for a caller that asked for it. */
  end(outcome: Outcome, logResult: string | undefined): void {
    const error = this.#tooLarge
      ? responseTooLarge
      : outcome.kind === 'complete'
        ? undefined
        : outcome.error.body;
    const body = error === undefined ? Buffer.concat(this.#pieces) : Buffer.from(error);
    this.#response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-amz-executed-version': '$LATEST',
      ...(error !== undefined && { 'x-amz-function-error': 'Unhandled' }),
      ...(logResult !== undefined && { 'x-amz-log-result': logResult }),
    });
    this.#response.end(body);
  }

  get #tooLarge(): boolean {
    return this.#size > bufferedResponseLimit;
  }
}

const responseTooLarge = JSON.stringify({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${bufferedResponseLimit} bytes).`,
});
