import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { eventually } from '../../support/target/eventually.ts';
import { connectTo, get, PUBLIC, withGate } from '../../support/network/gate-test.ts';

describe('the gate', () => {
  const test = withGate();

  describe('bounds what a box can take', () => {
    it('a head that comes by the byte', async () => {
      await test().start({ network: 'open', headTime: 300 });
      const slow = Array.from({ length: 5 }, () => test().connect());
      const silent = test().connect();
      const timer = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write('a');
      }, 20);
      try {
        await Promise.all(
          [...slow, silent].map((socket) =>
            test()
              .hear(socket)
              .catch(() => undefined),
          ),
        );
      } finally {
        clearInterval(timer);
      }
    });

    it('a head that is too long', async () => {
      await test().start({ network: 'open' });
      assert.equal((await test().say(get('http://a.example/', `X: ${'x'.repeat(40_000)}\r\n`))).status, 431);
    });

    it('a tunnel that is silent, on both of its ends', async () => {
      let far: Socket | undefined;
      const port = await test().tcp((socket) => {
        far = socket.resume().on('end', () => socket.end());
      });
      await test().start({ network: 'open', silence: 100 });
      const socket = test().connect();
      socket.write(connectTo(`${PUBLIC}:${String(port)}`));
      await test()
        .hear(socket)
        .catch(() => undefined);
      await eventually(() => far?.destroyed ?? false);
    });

    it('a tunnel that is silent, of which one end is over', async () => {
      let far: Socket | undefined;
      const port = await test().tcp((socket) => {
        far = socket.resume();
        socket.end();
      });
      await test().start({ network: 'open', silence: 100 });
      const socket = test().connect();
      socket.resume().write(connectTo(`${PUBLIC}:${String(port)}`));
      await once(socket, 'end');
      await eventually(() => far?.destroyed ?? false);
      await eventually(() => socket.destroyed || !socket.write('more'));
    });

    it('connections at once', async () => {
      const port = await test().tcp(() => undefined);
      await test().start({ network: 'open' });
      const sockets = Array.from({ length: 300 }, () => test().connect());
      const ended = new Set<Socket>();
      for (const socket of sockets)
        socket
          .resume()
          .on('close', () => ended.add(socket))
          .on('end', () => socket.end());
      await eventually(() => ended.size === 300 - 256);
      sockets.find((socket) => !ended.has(socket))?.destroy();
      await eventually(async () => {
        const { status } = await test()
          .say(connectTo(`${PUBLIC}:${String(port)}`), /\r\n\r\n/)
          .catch(() => ({ status: 0 }));
        return status === 200;
      });
    });
  });
});
