import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { modelAddress } from './model-address.ts';
import type { CarryBody } from './relay.ts';
import type { ModelCall, Upstream, UpstreamAnswer } from './upstream.ts';

type MessagesAccess = Extract<ModelAccess, { provider: 'messages' }>;

/** Lets a subscription's token in, as Claude Code's own requests say. */
const TOKEN_BETA = 'oauth-2025-04-20';

/** Milliseconds that the model may say nothing at all; the Messages API sends a ping every few seconds. */
const SILENCE = 10 * 60_000;

/** An endpoint of the Messages API. Connections are kept; redirects are not followed; nothing is compressed. */
export function messagesUpstream(
  access: MessagesAccess,
  carry: CarryBody = (body) => Promise.resolve({ headers: {}, body }),
): Upstream {
  const base = baseUrl(modelAddress(access));
  const secure = base.protocol === 'https:';
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxFreeSockets: 8 });

  function attempt(
    call: ModelCall,
    { headers, body }: Awaited<ReturnType<CarryBody>>,
    signal: AbortSignal,
    by: HttpAgent | false = agent,
  ): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const path = `${base.pathname.replace(/\/+$/, '')}/v1/messages${call.endpoint === 'messages' ? '' : '/count_tokens'}`;
      const request: ClientRequest = (secure ? httpsRequest : httpRequest)(
        base,
        {
          agent: by,
          method: 'POST',
          path: path + call.query,
          headers: { ...headersFor(access, call), ...headers, 'content-length': String(body.length) },
          signal,
          timeout: SILENCE,
        },
        (answer) => resolve(answerOf(answer)),
      );
      request.once('timeout', () => request.destroy(new Error('the model has said nothing for 10 minutes')));
      request.once('error', (error) => {
        reject(request.reusedSocket ? new StaleConnection(error) : error);
      });
      request.end(body);
    });
  }

  return {
    host: base.host,
    async send(call, signal) {
      const body = await carry(Buffer.from(JSON.stringify(call.body)));
      try {
        return await attempt(call, body, signal);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        // A kept connection that the other end had closed meanwhile took nothing of the request: it goes by a new one.
        if (signal.aborted || (error.cause as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error.cause;
        return attempt(call, body, signal, false);
      }
    },
    close: () => agent.destroy(),
  };
}

class StaleConnection extends Error {
  override readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message);
    this.cause = cause;
  }
}

function baseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.username !== '' || url.password !== '') {
    throw new OffloadError('bad-request', 'The address of the model is not a plain http or https address.', {
      fix: 'Give an address such as https://api.example.com, without a name and password in it.',
    });
  }
  return url;
}

function headersFor(access: MessagesAccess, { headers }: ModelCall): Record<string, string> {
  const own = { 'anthropic-version': '2023-06-01', ...headers, 'content-type': 'application/json' };
  // Nothing may be compressed: the usage is read as it passes by.
  const plain = { ...own, 'accept-encoding': 'identity' };
  if (access.key !== undefined) return { ...plain, 'x-api-key': access.key };
  if (access.token === undefined) return plain;
  const betas = (headers['anthropic-beta'] ?? '').split(',').map((beta) => beta.trim());
  const merged = [...new Set([...betas, TOKEN_BETA])].filter((beta) => beta !== '');
  return { ...plain, authorization: `Bearer ${access.token}`, 'anthropic-beta': merged.join(',') };
}

function answerOf(answer: IncomingMessage): UpstreamAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (typeof value === 'string') headers[name] = value;
  }
  return { status: answer.statusCode ?? 502, headers, body: answer };
}
