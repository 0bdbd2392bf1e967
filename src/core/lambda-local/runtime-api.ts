import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { refusalOf } from './door.ts';
import { Exchange } from './exchange.ts';
import { close, listen, readBody, sendJson } from './http.ts';
import type { FunctionError, Invocation, Outcome, ResponseSink } from './invocation.ts';

/** What the runtime does that its environment wants to know. */
export interface RuntimeEvents {
  /** It asks for an event: it is up, or done with the one before. */
  onReady(): void;
  /** The function could not be loaded; the process ends after this. */
  onInitError(error: FunctionError): void;
  /** Its connection broke in the middle of a response: why. */
  explainBreak(): Promise<FunctionError>;
}

/** Milliseconds that a runtime which asks for the next event has to answer the one before on another connection. */
const lateAnswer = 1000;

const tooLarge = {
  errorMessage: 'Exceeded maximum allowed payload size',
  errorType: 'RequestEntityTooLarge',
};

/** Lambda's Runtime API (version 2018-06-01) for one runtime: hands out one event at a time and takes its answer. */
export class RuntimeApi {
  /** Host and port, as AWS_LAMBDA_RUNTIME_API has it. */
  readonly address: string;
  readonly #server: Server;
  #events!: RuntimeEvents;
  /** The runtime's open request for an event. */
  #waiting: ServerResponse | undefined;
  #exchange: Exchange | undefined;

  /** Whose runtime is let in. */
  readonly #user: number | undefined;

  private constructor(server: Server, address: string, user: number | undefined) {
    this.#server = server;
    this.address = address;
    this.#user = user;
  }

  /** Listens; `serve` is to follow before a runtime is started. `user` is the runtime's, where it is not ours. */
  static async start(user?: number): Promise<RuntimeApi> {
    const { server, address } = await listen();
    return new RuntimeApi(server, address, user);
  }

  serve(events: RuntimeEvents): void {
    this.#events = events;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** Hands an event to the runtime, which must be ready, and gives how it ended. `deadline` is in milliseconds since 1970. */
  async deliver(invocation: Invocation, deadline: number, sink: ResponseSink): Promise<Outcome> {
    const waiting = this.#waiting;
    if (!waiting) throw new Error('the runtime has not asked for an event');
    this.#waiting = undefined;
    this.#exchange = new Exchange(invocation.requestId, sink);
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'content-length': invocation.payload.length,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(deadline),
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
      ...(invocation.clientContext !== undefined && {
        'lambda-runtime-client-context': invocation.clientContext,
      }),
      ...(invocation.tenant !== undefined && { 'lambda-runtime-aws-tenant-id': invocation.tenant }),
    });
    waiting.end(invocation.payload);
    return this.#exchange.outcome;
  }

  /** Ends the event under way, if there is one: its process is about to be gone, or is. */
  abort(error: FunctionError): void {
    this.#exchange?.break(error);
  }

  async stop(): Promise<void> {
    await close(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, this.#user);
    if (refusal !== undefined) {
      await readBody(request, 0);
      refusal.send(response);
      return;
    }
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /2018-06-01/runtime/invocation/next') return this.#next(response);
    if (route === 'POST /2018-06-01/runtime/init/error') return this.#initError(request, response);
    const [, id = '', what] =
      /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(route) ?? [];
    const exchange = this.#exchange;
    if (what === undefined || exchange?.requestId !== decodeURIComponent(id) || exchange.begun) {
      await readBody(request, 0);
      sendJson(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' });
      return;
    }
    let taken = true;
    if (what === 'error') await exchange.fail(request);
    else taken = await exchange.respond(request, () => this.#events.explainBreak());
    if (taken) sendJson(response, 202, { status: 'OK' });
    else sendJson(response, 413, tooLarge);
  }

  async #next(response: ServerResponse): Promise<void> {
    if (this.#exchange && !(await this.#isAnswered(this.#exchange))) {
      const errorMessage = 'Transition from Running to Ready is not allowed.';
      sendJson(response, 403, { errorMessage, errorType: 'InvalidStateTransition' });
      return;
    }
    this.#exchange = undefined;
    if (response.destroyed) return;
    this.#waiting = response;
    this.#events.onReady();
  }

  /** Whether the event is answered to its end. The runtime does not await a failed stream before it asks for the next. */
  async #isAnswered(exchange: Exchange): Promise<boolean> {
    await Promise.race([exchange.beginning, exchange.outcome, sleep(lateAnswer, undefined, { ref: false })]);
    if (exchange.begun) await exchange.outcome;
    return exchange.ended;
  }

  async #initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readBody(request))?.toString() ?? '{}';
    const type = request.headers['lambda-runtime-function-error-type'];
    this.#events.onInitError({ type: typeof type === 'string' ? type : 'Runtime.Unknown', body });
    sendJson(response, 202, { status: 'OK' });
  }
}
