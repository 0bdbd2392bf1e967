import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asOffloadError, ERROR_KINDS, OffloadError } from '../../../src/protocol/error.ts';
import { MAX_REQUEST_BYTES } from '../../../src/protocol/request.ts';
import type { ControlServices } from '../control/control-services.ts';
import type { Control } from '../control/control.ts';
import { answerUrl } from '../control/url-requests.ts';
import type { AddressedStore } from '../store/addressed-store.ts';

/** Where the store's names are, below the address. */
const STORE = '/store';

/** What is had at the address: control, for whoever shows a run's token, and the store, at what control has signed. */
interface Behind {
  control: Control;
  services: ControlServices;
  store: AddressedStore;
}

/** An address of this process on the loopback interface. Nothing is answered there without what control gives to a run. */
export interface OwnAddress {
  url: string;
  /** Where the store's names are. */
  store: string;
  serve(behind: Behind): void;
}

export async function ownAddress(): Promise<OwnAddress> {
  // An answer of the model may take as long as the function has.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    store: url + STORE,
    serve: (behind) => {
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        answer(behind, request, response).catch((thrown: unknown) => {
          console.error('own address:', thrown);
          if (response.headersSent) response.destroy();
          else refuse(response, asOffloadError(thrown));
        });
      });
    },
  };
}

async function answer(
  { control, services, store }: Behind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/', headers } = request;
  if (headers.origin !== undefined)
    refuse(
      response,
      new OffloadError(
        'unauthorized',
        'What is at this address is for runs of Offload, and not for web pages.',
      ),
    );
  else if (url.startsWith(`${STORE}/`)) await store.answer(url.slice(STORE.length), request, response);
  else {
    const { pathname, search } = new URL(url, 'http://control');
    const event = {
      version: '2.0',
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      requestContext: { http: { method } },
      body: (await bodyOf(request)).toString('base64'),
      isBase64Encoded: true,
    };
    await answerUrl(event, response, control, services);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) throw new OffloadError('too-large', 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, error: OffloadError): void {
  response.writeHead(ERROR_KINDS[error.code].status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: error.toWire() }));
}
