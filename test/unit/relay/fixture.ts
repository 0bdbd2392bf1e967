import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay } from '../../../backend/src/relay/start-relay.ts';
import type { Relay, RelayOptions } from '../../../backend/src/relay/relay.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import { bedrockApi, type BedrockApi, type BedrockApiOptions } from '../../support/messages-api/bedrock.ts';
import { messagesApi, type MessagesApi, type MessagesApiOptions } from '../../support/messages-api/server.ts';

/** A made-up key of the real shape. */
export const KEY = 'sk-ant-api03-made-up-for-tests-0123456789abcdef';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Whether the answer came to its end. */
  whole: boolean;
}

/** A relay and what it told. */
export interface RelaySide {
  readonly socket: string;
  readonly relay: Relay;
  readonly usages: ModelUsage[];
  readonly refusals: OffloadError[];
  readonly retries: { attempt: number; delayMs: number; reason: string }[];
  readonly notices: string[];
}

/** Servers, relays and folders of one test; `dispose` ends and removes them all. */
export class RelayTest {
  readonly #folder = mkdtempSync(join(tmpdir(), 'offload-relay-'));
  readonly #closing: (() => Promise<void>)[] = [];
  #sockets = 0;

  async api(options: MessagesApiOptions): Promise<MessagesApi> {
    const api = await messagesApi(options);
    this.#closing.push(() => api.close());
    return api;
  }

  async bedrock(options: BedrockApiOptions): Promise<BedrockApi> {
    const api = await bedrockApi(options);
    this.#closing.push(() => api.close());
    return api;
  }

  async relay(options: Partial<RelayOptions> & Pick<RelayOptions, 'access'>): Promise<RelaySide> {
    this.#sockets += 1;
    const socket = join(this.#folder, `${String(this.#sockets)}.sock`);
    const told = {
      usages: [] as ModelUsage[],
      refusals: [] as OffloadError[],
      retries: [] as RelaySide['retries'],
      notices: [] as string[],
    };
    const relay = await startRelay({
      budget: {},
      socket,
      onUsage: (usage) => told.usages.push(usage),
      onRefusal: (error) => told.refusals.push(error),
      onRetry: (retry) => told.retries.push(retry),
      onNotice: (notice) => told.notices.push(notice),
      ...options,
    });
    this.#closing.unshift(() => relay.close());
    return { socket, relay, ...told };
  }

  /** A scripted server and a relay to it with the key. */
  async pair(
    script: MessagesApiOptions,
    options: Partial<RelayOptions> = {},
  ): Promise<RelaySide & { api: MessagesApi }> {
    const api = await this.api({ key: KEY, ...script });
    const side = await this.relay({
      access: { provider: 'messages', baseUrl: api.url, key: KEY },
      ...options,
    });
    return { ...side, api };
  }

  /** A folder of the test's own. */
  get folder(): string {
    return this.#folder;
  }

  async dispose(): Promise<void> {
    for (const close of this.#closing) await close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** In place of `body`. */
  raw?: string | Buffer;
  signal?: AbortSignal;
  onText?: (textSoFar: string) => void;
}

/** Sends a request to a relay as a program in a box would. */
export function send(socket: string, sent: Sent = {}): Promise<Answer> {
  const raw = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  let answered = false;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: socket,
        method: sent.method ?? 'POST',
        path: sent.path ?? '/v1/messages?beta=true',
        headers: { 'content-type': 'application/json', ...sent.headers },
        agent: false,
        ...(sent.signal === undefined ? {} : { signal: sent.signal }),
      },
      (response) => {
        answered = true;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          sent.onText?.(text);
        });
        response.on('error', () => undefined);
        response.on('close', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            whole: response.complete,
          });
        });
      },
    );
    // Once an answer has begun, its own end tells how it went.
    request.on('error', (error) => {
      if (!answered) reject(error);
    });
    request.end(raw);
  });
}

/** A body of a request for a message. */
export const question = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 1000,
  stream: true,
  messages: [{ role: 'user', content: 'Hello' }],
  ...more,
});

/** The error of an answer in the Messages API's shape. */
export function errorOf(answer: Answer): { type: string; message: string } {
  const body = JSON.parse(answer.text) as { type: string; error: { type: string; message: string } };
  if (body.type !== 'error') throw new Error(`not an error: ${answer.text}`);
  return body.error;
}

/** The text that a streamed answer says. */
export function said(answer: Answer): string {
  return answer.text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as { delta?: { text?: string } })
    .map(({ delta }) => delta?.text ?? '')
    .join('');
}
