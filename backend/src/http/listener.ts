import type { IncomingMessage, ServerResponse } from 'node:http';
import { asOffloadError, ERROR_KINDS, OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { MAX_REQUEST_BYTES } from '../../../src/protocol/request.ts';
import type { App } from '../app.ts';
import { isAuthorized } from './token.ts';

/**
 * Answers HTTP requests with an app: a request is a POST with a JSON body, its answer one JSON object a line. An error
 * before the first frame has a status of its own; a later one is the last line.
 */
export function httpListener(app: App, token: string, onError: (error: OffloadError) => void) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const leaving = new AbortController();
    response.once('close', () => {
      leaving.abort();
    });
    answer(app, token, request, response, leaving.signal).catch((thrown: unknown) => {
      const error = asOffloadError(thrown);
      if (error.code === 'internal') onError(error);
      if (!response.headersSent) response.writeHead(ERROR_KINDS[error.code].status, HEADERS);
      response.end(encodeFrame({ type: 'error', error: error.toWire() }));
    });
  };
}

const HEADERS = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' };

async function answer(
  app: App,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  leaving: AbortSignal,
): Promise<void> {
  // A page in a browser sends its origin; none has any business here.
  if (request.headers.origin !== undefined || !isAuthorized(request.headers.authorization, token)) {
    throw new OffloadError('unauthorized', 'The request does not carry the token of this backend.');
  }
  if (request.method !== 'POST') throw new OffloadError('bad-request', 'Requests are posted.');
  const input = await readJson(request);
  for await (const frame of app.handle(input, leaving)) {
    if (!response.headersSent) response.writeHead(200, HEADERS);
    await written(response, frame, leaving);
    if (leaving.aborted) return;
  }
  response.end();
}

/** Writes a frame, whose memory may be used again when it has been taken; or gives up when the reader has left. */
function written(response: ServerResponse, frame: Buffer, leaving: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      leaving.removeEventListener('abort', settle);
      resolve();
    };
    leaving.addEventListener('abort', settle, { once: true });
    if (leaving.aborted) settle();
    else response.write(frame, settle);
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) {
      const limit = `${String(MAX_REQUEST_BYTES / 1024 ** 2)} MB`;
      throw new OffloadError('too-large', `The request is larger than ${limit}.`, {
        fix: 'Send less at once.',
      });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new OffloadError('bad-request', 'The request is not JSON.', { cause });
  }
}
