import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '../../support/target/eventually.ts';
import { connectTo, get, PUBLIC, withGate } from '../../support/network/gate-test.ts';

describe('the gate', () => {
  const test = withGate();

  it('leaves no connection when it is closed: in mid-download, before an answer, while a name is looked up', async () => {
    const far: Socket[] = [];
    const endless = await test().tcp((socket) => {
      far.push(socket);
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    const mute = await test().tcp((socket) => {
      far.push(socket.resume().on('end', () => socket.end()));
    });
    let asked = 0;
    let answer: (addresses: string[]) => void = () => undefined;
    await test().start({
      network: 'open',
      rules: {
        addresses: () => {
          asked++;
          return new Promise((resolve) => (answer = resolve));
        },
        isPublic: (address) => address === PUBLIC,
      },
    });
    const near = [
      connectTo(`${PUBLIC}:${String(endless)}`),
      get(`http://${PUBLIC}:${String(mute)}/`),
      connectTo('slow.example:443'),
    ].map((request) => {
      const socket = test().connect();
      socket.write(request);
      return socket;
    });
    await Promise.race(near.map((socket) => once(socket, 'readable')));
    await eventually(() => far.length === 2 && asked === 1);
    await test().closeGate();
    for (const socket of near) socket.resume();
    await eventually(() => [...far, ...near].every((socket) => socket.destroyed || socket.readableEnded));
    await eventually(() => far.every(({ destroyed }) => destroyed));
    assert(!existsSync(test().socket));
    answer([]);
  });

  for (const [who, leave] of [
    ['the program has left', (socket: Socket) => Promise.resolve(void socket.destroy())],
    ['the run is over', () => test().closeGate()],
  ] as const) {
    it(`connects to nothing any more when ${who} while a name was looked up`, async () => {
      const met: Socket[] = [];
      const port = await test().tcp((socket) => met.push(socket.resume()));
      const asked: ((addresses: string[]) => void)[] = [];
      await test().start({
        network: 'open',
        rules: {
          addresses: () => new Promise((resolve) => asked.push(resolve)),
          isPublic: (address) => address === PUBLIC,
        },
      });
      const socket = test().connect();
      socket.resume().write(get(`http://slow.example:${String(port)}/`));
      await eventually(() => asked.length === 1);
      await leave(socket);
      await eventually(() => socket.destroyed || socket.readableEnded);
      // The gate has seen it by the time that it answers another.
      if (who === 'the program has left') await test().say(connectTo('127.0.0.1:1'));
      asked[0]?.([PUBLIC]);
      // What would be connected by now comes before it.
      await turn();
      const control = connect(port, PUBLIC);
      await once(control, 'connect');
      await eventually(() => met.some(({ remotePort }) => remotePort === control.localPort));
      assert.equal(met.length, 1);
      control.destroy();
    });
  }

  it('ends what a program had under way when the program leaves', async () => {
    const far: Socket[] = [];
    const port = await test().tcp((socket) => far.push(socket.resume()));
    await test().start({ network: 'open' });
    const tunnel = test().connect();
    tunnel.write(connectTo(`${PUBLIC}:${String(port)}`));
    const request = test().connect();
    request.write(get(`http://${PUBLIC}:${String(port)}/`));
    await eventually(() => far.length === 2);
    tunnel.destroy();
    request.destroy();
    await eventually(() => far.every(({ destroyed, readableEnded }) => destroyed || readableEnded));
  });
});
