import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';

const VERSION = '/2018-06-01/runtime';

/** An event for the function. */
export interface Invocation {
  id: string;
  /** JSON text. */
  payload: string;
  /** Milliseconds since 1970. */
  deadline: number;
}

/** The function's end of Lambda's Runtime API, at a host and port. */
export class RuntimeApi {
  readonly #address: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(address: string) {
    this.#address = new URL(`http://${address}`);
  }

  /** Waits for the next event. Rejects when the endpoint has gone. */
  async next(): Promise<Invocation> {
    const response = await this.#send(this.#open('GET', '/invocation/next'));
    const header = (name: string): string => String(response.headers[name] ?? '');
    if (response.statusCode !== 200) throw new Error(`no event, but ${String(response.statusCode)}`);
    return {
      id: header('lambda-runtime-aws-request-id'),
      deadline: Number(header('lambda-runtime-deadline-ms')),
      payload: await textOf(response),
    };
  }

  /** A stream that answers an event. */
  answer(id: string): Answer {
    return new Answer(
      this.#open('POST', `/invocation/${encodeURIComponent(id)}/response`, {
        'content-type': 'application/octet-stream',
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
        trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      }),
    );
  }

  /** Says why the function cannot be loaded. */
  async initError(error: unknown): Promise<void> {
    const opened = this.#open('POST', '/init/error', {
      'lambda-runtime-function-error-type': 'Runtime.Unknown',
    });
    opened.write(errorBody(error));
    await textOf(await this.#send(opened));
  }

  #open(method: string, path: string, headers: Record<string, string> = {}): ClientRequest {
    const { hostname, port } = this.#address;
    return request({ method, hostname, port, path: VERSION + path, headers, agent: this.#agent });
  }

  #send(opened: ClientRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      opened.once('response', resolve).once('error', reject).end();
    });
  }
}

/** The answer to an event, as it is written. A write's callback comes when its memory may be used again. */
export class Answer extends Writable {
  readonly #request: ClientRequest;
  /** What waits for the connection, which may go instead. */
  #waiting: ((error?: Error | null) => void) | undefined;

  constructor(opened: ClientRequest) {
    super();
    this.#request = opened;
    opened.on('error', (error) => this.#break(error));
    opened.on('response', (response) => {
      response.resume();
    });
    opened.once('close', () => this.#break(new Error('the connection has gone')));
  }

  /** Ends the answer with an error, in the trailers that Lambda has for it. */
  fail(error: unknown): void {
    this.#request.addTrailers([
      ['Lambda-Runtime-Function-Error-Type', 'Unhandled'],
      ['Lambda-Runtime-Function-Error-Body', Buffer.from(errorBody(error)).toString('base64')],
    ]);
    this.end();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#waiting = done;
    this.#request.write(chunk, () => this.#proceed());
  }

  /** It is over when the other end has taken it all. */
  override _final(done: (error?: Error | null) => void): void {
    this.#waiting = done;
    this.#request.once('response', () => this.#proceed());
    this.#request.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#request.destroy();
    done(error);
  }

  #proceed(error?: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(error);
  }

  #break(error: Error): void {
    if (this.writableFinished) return;
    this.#proceed(error);
    this.destroy();
  }
}

function errorBody(error: unknown): string {
  const known = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({
    errorType: known.name,
    errorMessage: known.message,
    trace: known.stack?.split('\n') ?? [],
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
