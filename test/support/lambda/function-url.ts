import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeployedFunction } from '../../../src/core/lambda-local/deployed-function.ts';
import { close, listen, readBody, sendJson } from '../../../src/core/lambda-local/http.ts';
import type { ResponseSink } from '../../../src/core/lambda-local/invocation.ts';
import { requestLimit } from '../../../src/core/lambda-local/limits.ts';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';

/** Where a function answers requests of anybody's. */
export interface FunctionUrl {
  readonly address: string;
  dispose(): Promise<void>;
}

/** Bytes between the prelude of a streamed answer and its body. */
const DELIMITER = Buffer.alloc(8);

/** Serves a function's URL of auth type NONE and invoke mode RESPONSE_STREAM: payload format 2.0 in, a prelude and a body out. */
export async function serveFunctionUrl(of: {
  readonly deployed: DeployedFunction;
  readonly arn: string;
}): Promise<FunctionUrl> {
  const { server, address } = await listen();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof ServiceError) sendJson(response, error.status, { Message: error.message });
      else sendJson(response, 502, { Message: 'Internal Server Error' });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, requestLimit);
    if (body === undefined) {
      sendJson(response, 413, { Message: 'Request Too Large' });
      return;
    }
    const payload = Buffer.from(JSON.stringify(eventOf(request, body)));
    const sink = new UrlAnswer(response);
    const call = { requestId: randomUUID(), payload, functionArn: of.arn };
    const outcome = await of.deployed.invoke(call, sink);
    if (response.headersSent && outcome.kind === 'complete') response.end();
    else if (response.headersSent) response.destroy();
    else throw new Error(`the function did not answer: ${JSON.stringify(outcome)}`);
  }

  return { address: `http://${address}`, dispose: () => close(server) };
}

function eventOf({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): object {
  const [rawPath, rawQueryString = ''] = url.split('?');
  const isText = /json|text|xml/.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: { http: { method, path: rawPath }, domainName: headers.host },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Takes the prelude off, then passes the body on as it comes. */
class UrlAnswer implements ResponseSink {
  readonly #response: ServerResponse;
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  async write(piece: Uint8Array): Promise<boolean> {
    let rest = piece;
    if (this.#head !== undefined) {
      this.#head = Buffer.concat([this.#head, piece]);
      const end = this.#head.indexOf(DELIMITER);
      if (end === -1) return true;
      const { statusCode, headers } = JSON.parse(this.#head.toString('utf8', 0, end)) as {
        statusCode: number;
        headers: Record<string, string>;
      };
      rest = this.#head.subarray(end + DELIMITER.length);
      this.#head = undefined;
      this.#response.writeHead(statusCode, headers);
      this.#response.flushHeaders();
    }
    if (rest.length > 0 && !this.#response.destroyed && !this.#response.write(rest))
      await new Promise<void>((resolve) => {
        this.#response.once('drain', resolve).once('close', resolve);
      });
    return true;
  }
}
