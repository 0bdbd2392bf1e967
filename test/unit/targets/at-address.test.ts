import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { partsAt, putAt } from '../../../src/core/lambda/at-address.ts';
import type { NamedAddress } from '../../../src/protocol/lambda.ts';

describe('an address of the store', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function address(method: 'GET' | 'PUT', listener: RequestListener): Promise<NamedAddress> {
    server = createServer({ keepAliveTimeout: 0 }, listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { method, url: `http://127.0.0.1:${String(port)}/`, headers: {}, key: 'key', expires: 0 };
  }

  it('gives what comes after what is known already', async () => {
    const there = await address('GET', (_, response) => {
      response.write('0123');
      setTimeout(() => response.end('456789'), 20);
    });
    for (const from of [0, 2, 4, 7, 10]) {
      const parts: string[] = [];
      for await (const { base64 } of partsAt(there, from))
        parts.push(Buffer.from(base64, 'base64').toString());
      assert.equal(parts.join(''), '0123456789'.slice(from));
    }
  });

  it('is left where it answers before all was sent, and what was read from is closed', async () => {
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    // The server itself keeps it.
    const there = await address('PUT', (request, response) => {
      request.socket.setTimeout(0).once('close', leave);
      // It does not read.
      response.writeHead(403).end();
    });
    let isClosed = false;
    const pieces = function* () {
      try {
        for (let sent = 0; sent < 64; sent++) yield Buffer.alloc(1024 ** 2);
      } finally {
        isClosed = true;
      }
    };
    await assert.rejects(putAt(there, { size: 64 * 1024 ** 2, pieces }), { message: /answered 403/ });
    await left;
    assert(isClosed);
  });
});
