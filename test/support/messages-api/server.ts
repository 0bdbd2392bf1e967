import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { close, listen, readBody, sendJson } from '../../../src/core/lambda-local/http.ts';
import { message } from './events.ts';
import type { EventSink } from './play.ts';
import { answerEach, record, stream, type RecordedAnswer } from './recorded-answer.ts';
import type { MessagesBody } from './request.ts';
import { ScriptReader, type Script } from './script.ts';

/** A request as it arrived. */
export interface RecordedRequest extends RecordedAnswer {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; undefined where the request had none, or one that is no JSON. */
  readonly body: MessagesBody | undefined;
  readonly bytes: number;
}

/** A model server that answers as its script says, on the loopback interface. */
export interface MessagesApi {
  /** Base address, without a slash at the end: what ANTHROPIC_BASE_URL wants. */
  readonly url: string;
  /** Every request, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Bodies of the requests for a message, in the order of arrival. */
  readonly bodies: readonly MessagesBody[];
  /** What was asked for that the script does not have: empty where the test went as it was written. */
  readonly unexpected: readonly string[];
  /** How many connections were made. */
  readonly connections: number;
  /** Closes the connections that no request is under way on, as a server does after a while. */
  cutIdleConnections(): void;
  close(): Promise<void>;
}

export interface MessagesApiOptions extends Script {
  /** Let in with this `x-api-key`, or this bearer token, alone; anybody else meets 401. */
  key?: string;
  token?: string;
  /** What count_tokens answers; default 100. */
  countedTokens?: number;
  /** A path before `/v1`. */
  pathPrefix?: string;
  /** Sends not even the head of an answer before its first event. */
  answerLate?: boolean;
  /** Leaves the usage out of answers, as some compatible endpoints do. */
  withoutUsage?: boolean;
  /** Answers other paths with a page, as a server does that knows nothing of the API. */
  plainNotFound?: boolean;
  /** Cuts a connection when a second request comes by it, as a server does that has given it up meanwhile. */
  oneRequestPerConnection?: boolean;
  /** Redirects each request to this address. */
  redirectTo?: string;
}

/** Starts a scripted server of the Messages API (`POST /v1/messages`, streamed and not; `/v1/messages/count_tokens`). */
export async function messagesApi(options: MessagesApiOptions): Promise<MessagesApi> {
  const { server, address } = await listen();
  const script = new ScriptReader(options);
  const requests: RecordedRequest[] = [];
  const prefix = options.pathPrefix ?? '';
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const used = new WeakSet<object>();
  answerEach(server, answer, (thrown, response) => {
    script.unexpected.push(`the server failed: ${String(thrown)}`);
    response.destroy();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.oneRequestPerConnection === true && used.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    used.add(request.socket);
    const bytes = (await readBody(request)) ?? Buffer.alloc(0);
    const body = parsed(bytes);
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
      bytes: bytes.length,
      events: 0,
      state: 'open',
    };
    requests.push(recorded);
    const over = record(response, recorded);
    const path = recorded.url.replace(/\?.*$/s, '');
    if (options.redirectTo !== undefined) {
      response.writeHead(307, { location: options.redirectTo }).end();
    } else if (!isLetIn(request.headers)) {
      sendError(response, 401, 'authentication_error', 'invalid x-api-key');
    } else if (recorded.method === 'HEAD' || (recorded.method === 'GET' && path === '/')) {
      response.writeHead(200).end();
    } else if (recorded.method === 'POST' && path === `${prefix}/v1/messages/count_tokens`) {
      sendJson(response, 200, { input_tokens: options.countedTokens ?? 100 });
    } else if (recorded.method !== 'POST' || path !== `${prefix}/v1/messages`) {
      if (options.plainNotFound === true) response.writeHead(404).end('<h1>Not found</h1>');
      else sendError(response, 404, 'not_found_error', 'Not found');
    } else if (body === undefined) {
      sendError(response, 400, 'invalid_request_error', 'The request body is not valid JSON');
    } else {
      await answerMessage(body, response, recorded, over);
    }
  }

  function isLetIn(headers: IncomingHttpHeaders): boolean {
    if (options.key !== undefined) return headers['x-api-key'] === options.key;
    if (options.token !== undefined) return headers.authorization === `Bearer ${options.token}`;
    return true;
  }

  async function answerMessage(
    body: MessagesBody,
    response: ServerResponse,
    recorded: RecordedRequest,
    over: AbortSignal,
  ): Promise<void> {
    const scripted = script.answer(body);
    const { turn, failure } = scripted;
    if (failure?.fail === 'refuse') {
      response.destroy();
    } else if (failure?.fail === 'status') {
      sendError(response, failure.status, failure.errorType, failure.message, failure.headers);
    } else if (body.stream !== true && failure === undefined) {
      sendJson(response, 200, message(turn, body.model));
    } else {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_scripted' });
      if (options.answerLate !== true) response.flushHeaders();
      const sink = sseSink(response, options.withoutUsage === true);
      await stream(scripted, body.model, sink, over, recorded);
    }
  }

  return {
    url: `http://${address}${prefix}`,
    requests,
    get bodies() {
      return requests.flatMap(({ body, url }) =>
        body === undefined || url.includes('count_tokens') ? [] : [body],
      );
    },
    unexpected: script.unexpected,
    get connections() {
      return connections;
    },
    cutIdleConnections: () => server.closeIdleConnections(),
    close: () => close(server),
  };
}

const sseSink = (response: ServerResponse, withoutUsage: boolean): EventSink => ({
  event: (event) => {
    const data = JSON.stringify(event, (name, value: unknown) =>
      name === 'usage' && withoutUsage ? undefined : value,
    );
    response.write(`event: ${event.type}\ndata: ${data}\n\n`);
  },
  garbage: () => void response.write('event: content_block_delta\ndata: {"type":"content_bl<<<\n\n'),
  cut: () => void response.destroy(),
  end: () => void response.end(),
});

function parsed(bytes: Buffer): MessagesBody | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as MessagesBody;
  } catch {
    return undefined;
  }
}

function sendError(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Record<string, string> = {},
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, {
    type: 'error',
    error: { type, message: text },
    request_id: 'req_scripted',
  });
}
