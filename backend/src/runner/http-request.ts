import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { bodySize, type StoreBody } from '../store/store.ts';

/** Milliseconds that the other end may say nothing at all. */
const SILENCE = 30_000;

export interface HttpAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

const agents = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 16 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 16 }),
};

/**
 * What is at an address, as it comes.
 * @throws OffloadError as {@link httpExchange}; `interrupted` where there is nothing to be had
 */
export async function* httpDownload(
  url: string,
  headers: Readonly<Record<string, string>>,
): AsyncGenerator<Buffer, void, undefined> {
  const secure = url.startsWith('https:');
  const agent = secure ? agents.https : agents.http;
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        { headers, agent, timeout: SILENCE },
        resolve,
      );
      request.once('timeout', () => request.destroy(new Error('nothing was said for long')));
      request.once('error', reject).end();
    });
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`the answer was ${String(response.statusCode)}`);
    }
    for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw new OffloadError('interrupted', 'The connection to the store failed.', { cause });
  }
}

/**
 * One request with a known length, as presigned addresses want it, and its whole answer.
 * @throws OffloadError `interrupted` where the connection fails; the address, which is a secret, is not named
 */
export async function httpExchange(
  url: string,
  options: { method: string; headers?: Readonly<Record<string, string>>; body?: StoreBody },
): Promise<HttpAnswer> {
  const { method, headers, body = Buffer.alloc(0) } = options;
  const secure = url.startsWith('https:');
  try {
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: secure ? agents.https : agents.http,
      headers: { ...headers, ...(method === 'GET' ? {} : { 'content-length': bodySize(body) }) },
      timeout: SILENCE,
    });
    request.once('timeout', () => request.destroy(new Error('nothing was said for long')));
    const answered = new Promise<HttpAnswer>((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0, headers: own } = response;
          resolve({ status: statusCode, headers: own, body: Buffer.concat(chunks) });
        });
      });
    });
    answered.catch(() => undefined);
    if (Buffer.isBuffer(body)) request.end(body);
    // An answer may come before all was sent, and the rest is not wanted then.
    else await pipeline(Readable.from(body.read()), request).catch(() => undefined);
    return await answered;
  } catch (cause) {
    throw new OffloadError('interrupted', 'The connection to the store or to control failed.', { cause });
  }
}
