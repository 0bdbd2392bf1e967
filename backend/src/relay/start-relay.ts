import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import { Redactor } from '../redaction/redactor.ts';
import { apiError, sendApiError, type ApiError } from './api-error.ts';
import { Ledger } from './ledger.ts';
import { messagesUpstream } from './messages-upstream.ts';
import { outwardPart } from './outward.ts';
import type { CarryBody, Relay, RelayOptions } from './relay.ts';
import { relayCall } from './relayed-call.ts';
import type { RelayedRun } from './relayed-run.ts';
import { readRequestBody } from './request-body.ts';
import { Troubles } from './troubles.ts';
import type { ModelCall, Upstream } from './upstream.ts';

/** Bytes of a request at most: the Messages API's own limit. */
const MAX_BODY = 32 * 1024 * 1024;
/** Bytes of all requests that are held at once. */
const MAX_HELD = 4 * MAX_BODY;
const MAX_CONNECTIONS = 128;

/** Headers of the box's that are sent on. */
const PASSED = ['anthropic-version', 'anthropic-beta', 'content-type', 'accept', 'user-agent'];

const ENDPOINTS: Readonly<Record<string, ModelCall['endpoint']>> = {
  '/v1/messages': 'messages',
  '/v1/messages/count_tokens': 'count_tokens',
};

/**
 * Makes the socket and answers at it until it is closed.
 * @throws OffloadError `bad-request` for an access that cannot be used
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const upstream = await upstreamFor(options.access, options.carry);
  const ledger = options.ledger ?? new Ledger(options.budget, (notice) => options.onNotice?.(notice));
  const run: RelayedRun = {
    upstream,
    bedrock: options.access.provider === 'bedrock',
    ledger,
    redactor: new Redactor(secretsOf(options.access)),
    troubles: new Troubles(options),
    onUsage: (usage) => options.onUsage(usage),
  };
  const underWay = new Set<Promise<void>>();
  let held = 0;

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const url = /^([^?]*)(\?.*)?$/s.exec(request.url ?? '');
    const [path = '', query = ''] = [url?.[1], url?.[2]];
    if (request.method === 'HEAD' || (request.method === 'GET' && path === '/')) {
      response.writeHead(200).end();
      return;
    }
    const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
    if (request.method !== 'POST' || endpoint === undefined) {
      sendApiError(response, apiError(404, 'not_found_error', 'Only messages of the model pass here.'));
      return;
    }
    let bytes = 0;
    try {
      const read = await readBody(request, (more) => {
        bytes += more;
        held += more;
        return bytes <= MAX_BODY ? (held <= MAX_HELD ? undefined : TOO_MUCH_AT_ONCE) : TOO_LARGE;
      });
      if (!Buffer.isBuffer(read)) {
        sendApiError(response, read);
        return;
      }
      const parsed = readRequestBody(read);
      if ('problem' in parsed) {
        sendApiError(response, apiError(400, 'invalid_request_error', parsed.problem));
        return;
      }
      const call: ModelCall = { endpoint, query, headers: passedHeaders(request), body: parsed.body };
      const outward = options.network === 'open' ? undefined : outwardPart(call.body);
      if (outward !== undefined) {
        const why = `The network of this run is not open to all hosts; the request has ${outward}.`;
        sendApiError(response, apiError(403, 'permission_error', why));
        return;
      }
      await relayCall(run, call, read.length, response, signal);
    } finally {
      held -= bytes;
    }
  }

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    response.once('close', leave);
    // A write that meets a reader who has just left is no fault of anybody's.
    response.on('error', leave);
    const handled = handle(request, response, leaving.signal)
      .catch(() => {
        // Who waited has left, or the run has ended; anything else would be a fault of ours, which must not hang an agent.
        sendApiError(response, apiError(500, 'api_error', 'The relay failed.'));
      })
      .finally(() => underWay.delete(handled));
    underWay.add(handled);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.socket, resolve);
  });
  await chmod(options.socket, 0o666);

  return {
    get usage() {
      return ledger.usage;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Each request under way is aborted when its connection goes.
      server.closeAllConnections();
      await Promise.all(underWay);
      upstream.close();
      await closed;
    },
  };
}

const TOO_LARGE = apiError(413, 'request_too_large', 'The request is larger than 32 MB.');
const TOO_MUCH_AT_ONCE = apiError(429, 'rate_limit_error', 'Too much is sent at once.');

async function upstreamFor(access: ModelAccess, carry: CarryBody | undefined): Promise<Upstream> {
  if (access.provider === 'messages') return messagesUpstream(access, carry);
  const { bedrockUpstream } = await import('./bedrock-upstream.ts');
  return bedrockUpstream(access);
}

const secretsOf = (access: ModelAccess): string[] =>
  access.provider === 'messages' ? [access.key, access.token].filter((secret) => secret !== undefined) : [];

function passedHeaders({ headers }: IncomingMessage): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

/** A request's body, or why it is not taken; it is read to its end then all the same, so that the answer arrives. */
async function readBody(
  request: IncomingMessage,
  take: (bytes: number) => ApiError | undefined,
): Promise<Buffer | ApiError> {
  const chunks: Buffer[] = [];
  let refused: ApiError | undefined;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    refused ??= take(chunk.length);
    if (refused === undefined) chunks.push(chunk);
    else chunks.length = 0;
  }
  return refused ?? Buffer.concat(chunks);
}
