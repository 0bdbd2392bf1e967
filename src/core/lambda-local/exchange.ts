import type { IncomingMessage } from 'node:http';
import { deferred } from './deferred.ts';
import { readBody } from './http.ts';
import type { FunctionError, Outcome, ResponseSink } from './invocation.ts';

/** One event given to a runtime, and its answer: begun with the first byte of an answer, ended once and for all. */
export class Exchange {
  readonly requestId: string;
  readonly #sink: ResponseSink;
  readonly #beginning = deferred();
  readonly #outcome = deferred<Outcome>();
  #answer: IncomingMessage | undefined;
  #ended = false;

  constructor(requestId: string, sink: ResponseSink) {
    this.requestId = requestId;
    this.#sink = sink;
  }

  /** Whether the runtime has begun to answer. */
  get begun(): boolean {
    return this.#answer !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get beginning(): Promise<void> {
    return this.#beginning.promise;
  }

  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /**
   * Passes a response on as it comes, no faster than the sink takes it. Gives false when the sink did not want
   * all of it. `explain` says why a connection broke before the end of the body.
   */
  async respond(request: IncomingMessage, explain: () => Promise<FunctionError>): Promise<boolean> {
    this.#begin(request);
    let wanted = true;
    try {
      for await (const piece of request as AsyncIterable<Buffer>) {
        if (wanted) wanted = await this.#sink.write(piece);
      }
    } catch {
      this.break(await explain());
      return wanted;
    }
    const error = trailerError(request);
    this.#end(error ? { kind: 'error', error } : { kind: 'complete' });
    return wanted;
  }

  /** Takes the error that the function ended with. */
  async fail(request: IncomingMessage): Promise<void> {
    this.#begin(request);
    const body = (await readBody(request))?.toString() ?? '{}';
    const type = request.headers['lambda-runtime-function-error-type'];
    this.#end({ kind: 'error', error: { type: typeof type === 'string' ? type : 'Unhandled', body } });
  }

  /** Ends it from outside, with the answer under way or not begun. */
  break(error: FunctionError): void {
    if (this.#ended) return;
    this.#end({ kind: 'broken', error, midStream: this.begun });
    this.#answer?.destroy();
  }

  #begin(request: IncomingMessage): void {
    this.#answer = request;
    this.#beginning.resolve();
  }

  #end(outcome: Outcome): void {
    this.#ended = true;
    this.#outcome.resolve(outcome);
  }
}

/** The error in the trailers of a streamed response; the body is base64 of JSON text. */
function trailerError(request: IncomingMessage): FunctionError | undefined {
  const type = request.trailers['lambda-runtime-function-error-type'];
  if (type === undefined) return undefined;
  const body = Buffer.from(request.trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString();
  return { type, body };
}
