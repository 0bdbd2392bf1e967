import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRelay } from '../../backend/src/relay/start-relay.ts';
import { interleaved } from '../interleaved.ts';
import type { Row } from '../row.ts';
import { quantile } from '../statistics.ts';

/** Events of a stream, and milliseconds between two of them: about as fast as models write. */
const EVENTS = 300;
const PACE = 3;

/** How much later an event of a model's answer comes by the relay than straight from the model. */
export const relay: Row = {
  name: 'relay',
  rounds: 10,
  async measure(bench) {
    const model = await startModel();
    const socketPath = join(bench.folder, 'relay.sock');
    const relayed = await startRelay({
      access: {
        provider: 'messages',
        baseUrl: `http://127.0.0.1:${String(model.port)}`,
        key: 'a-made-up-key',
      },
      budget: { usd: 1000 },
      socket: socketPath,
      onUsage: () => undefined,
      onRefusal: (error) => {
        throw error;
      },
      onRetry: ({ reason }) => {
        throw new Error(reason);
      },
    });
    try {
      const { ours, beside } = await interleaved(
        { counted: bench.rounds, warmUp: 1 },
        () => delays({ socketPath }),
        () => delays({ host: '127.0.0.1', port: model.port }),
      );
      return [
        {
          name: 'an event of a stream, from the model to the agent (95th percentile)',
          unit: 'ms',
          ours,
          beside: { name: 'without the relay', values: beside },
          reach: { of: 'difference', bound: '≤', value: 1 },
        },
      ];
    } finally {
      await relayed.close();
      await model.close();
    }
  },
};

/** A model whose events say when they were written. */
async function startModel(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const event = (data: Record<string, unknown>): void => {
        response.write(`event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`);
      };
      const stream = async (): Promise<void> => {
        event({ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } });
        for (let count = 0; count < EVENTS; count++) {
          await sleep(PACE);
          const text = `some words, written at <${String(performance.now())}>`;
          event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
        }
        event({ type: 'message_delta', delta: {}, usage: { output_tokens: EVENTS } });
        response.end();
      };
      void stream();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks for a stream, and gives the 95th percentile of its events' milliseconds on the way. */
async function delays(where: RequestOptions): Promise<number> {
  const body = { model: 'claude-sonnet-4-5', max_tokens: 1000, stream: true, messages: [] };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ ...where, method: 'POST', path: '/v1/messages', agent: false }, resolve);
    request.once('error', reject);
    request.end(JSON.stringify(body));
  });
  const taken: number[] = [];
  answer.setEncoding('utf8');
  for await (const piece of answer as AsyncIterable<string>) {
    const now = performance.now();
    for (const [, written] of piece.matchAll(/<([\d.]+)>/g)) taken.push(now - Number(written));
  }
  if (taken.length === EVENTS) return quantile(taken, 0.95);
  throw new Error(`${String(taken.length)} events came of ${String(EVENTS)}`);
}
