import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { OUTSIDE, wayOut, type Outside } from '../../../backend/src/runner/closed-network.ts';
import { nameServer } from '../../support/network/name-server.ts';

describe('a way out of a network that is said to be closed', () => {
  const nobody: Outside = { hosts: [], resolvers: [], names: [] };
  let status = 403;
  const store = createServer((_, response) => response.writeHead(status).end());
  let url = '';
  before(async () => {
    store.listen(0, '127.0.0.1');
    await once(store, 'listening');
    url = `http://127.0.0.1:${String((store.address() as AddressInfo).port)}/probe/r_1?X-Amz-Signature=made-up`;
  });
  after(() => {
    store.close();
    store.closeAllConnections();
  });
  afterEach(() => {
    status = 403;
  });
  const closed = () => ({
    probe: { method: 'GET' as const, key: 'probe/r_1', url, headers: {}, expires: Date.now() + 60_000 },
  });
  const found = async (outside: Outside): Promise<string | undefined> =>
    (await wayOut(closed(), outside))?.message;

  it('is none where nobody answers', async () => {
    assert.equal(await found(nobody), undefined);
  });

  it('is a host that takes connections, or refuses them', async () => {
    const server: Server = createTcp((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hosts = [{ host: '127.0.0.1', port }];
    assert.match(
      (await found({ ...nobody, hosts })) ?? '',
      /not closed to the network: 127\.0\.0\.1 port \d+ answers/,
    );
    server.close();
    await once(server, 'close');
    assert.match((await found({ ...nobody, hosts })) ?? '', /127\.0\.0\.1 port \d+ answers/);
  });

  it('is a name server that knows a public name', async () => {
    const server = await nameServer();
    const resolvers = [`127.0.0.1:${String(server.address().port)}`];
    assert.match(
      (await found({ ...nobody, resolvers, names: ['example.com'] })) ?? '',
      /name server 127.*answers/,
    );
    server.close();
    assert.equal(await found({ ...nobody, resolvers, names: ['example.com'] }), undefined);
  });

  it('is a way to the store that lets through what runs have no part in', async () => {
    for (const each of [200, 404, 500]) {
      status = each;
      const message = (await found(nobody)) ?? '';
      assert.match(message, new RegExp(`leads to more than runs and their files \\(${String(each)}\\)`));
      assert(!message.includes('X-Amz'), 'an address is in the message');
    }
    const gone = url;
    url = 'http://127.0.0.1:1/probe/r_1?X-Amz-Signature=made-up';
    assert.match((await found(nobody)) ?? '', /could not be asked/);
    url = gone;
  });

  it('is looked for at more than one public place, by both versions of the protocol', () => {
    assert(new Set(OUTSIDE.hosts.map(({ host }) => host)).size >= 4);
    assert(OUTSIDE.hosts.some(({ host }) => host.includes(':')));
    assert(OUTSIDE.names.length >= 2 && OUTSIDE.resolvers.length >= 2);
  });
});
