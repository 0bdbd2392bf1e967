import assert from 'node:assert/strict';
import { connectTo, PUBLIC, withGate } from '../../support/network/gate-test.ts';

describe('the gate', () => {
  const test = withGate();

  describe('makes a tunnel', () => {
    it('to a host that is allowed, with the bytes of both as they are, also those that come at once', async () => {
      const port = await test().tcp((socket) => socket.pipe(socket));
      test().names['a.example'] = [[PUBLIC]];
      await test().start({ network: { allow: [`a.example:${String(port)}`] } });
      const socket = test().connect();
      const body = 'no TLS, \u0000\u00ff'.repeat(50_000);
      socket.end(connectTo(`a.example:${String(port)}`) + body, 'latin1');
      const { text } = await test().hear(socket);
      assert.equal(text, `HTTP/1.1 200 Connection Established\r\n\r\n${body}`);
      assert.deepEqual(test().refused, []);
    });

    it('which takes an end from either side, and what the other still has to say', async () => {
      const port = await test().tcp((socket) => {
        socket.on('data', () => undefined).on('end', () => socket.end('after the end'));
      });
      await test().start({ network: 'open' });
      const socket = test().connect();
      socket.end(connectTo(`${PUBLIC}:${String(port)}`));
      assert.match((await test().hear(socket)).text, /after the end$/);
    });

    it('to the one of several addresses that answers', async () => {
      const port = await test().tcp((socket) => socket.end('here'));
      test().names['a.example'] = [['127.0.0.9', '127.0.0.7', '10.0.0.1']];
      await test().start({
        network: 'open',
        rules: {
          addresses: (host) => Promise.resolve(test().names[host]?.[0] ?? []),
          isPublic: (address) => address.startsWith('127.0.0.'),
        },
      });
      assert.match((await test().say(connectTo(`a.example:${String(port)}`))).text, /here$/);
    });
  });
});
