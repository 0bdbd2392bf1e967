import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '../../support/target/eventually.ts';
import { bodyOf, GateTest, PUBLIC } from '../../support/network/gate-test.ts';

describe('the gate', function () {
  this.timeout(20_000);
  let test: GateTest;
  beforeEach(() => {
    test = new GateTest();
  });
  afterEach(() => test.dispose());

  const connectTo = (authority: string, more = ''): string =>
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`;
  const get = (target: string, more = 'Connection: close\r\n'): string =>
    `GET ${target} HTTP/1.1\r\nHost: x.example\r\n${more}\r\n`;

  describe('makes a tunnel', () => {
    it('to a host that is allowed, with the bytes of both as they are, also those that come at once', async () => {
      const port = await test.tcp((socket) => socket.pipe(socket));
      test.names['a.example'] = [[PUBLIC]];
      await test.start({ network: { allow: [`a.example:${String(port)}`] } });
      const socket = test.connect();
      const body = 'no TLS, \u0000\u00ff'.repeat(50_000);
      socket.end(connectTo(`a.example:${String(port)}`) + body, 'latin1');
      const { text } = await test.hear(socket);
      assert.equal(text, `HTTP/1.1 200 Connection Established\r\n\r\n${body}`);
      assert.deepEqual(test.refused, []);
    });

    it('which takes an end from either side, and what the other still has to say', async () => {
      const port = await test.tcp((socket) => {
        socket.on('data', () => undefined).on('end', () => socket.end('after the end'));
      });
      await test.start({ network: 'open' });
      const socket = test.connect();
      socket.end(connectTo(`${PUBLIC}:${String(port)}`));
      assert.match((await test.hear(socket)).text, /after the end$/);
    });

    it('to the one of several addresses that answers', async () => {
      const port = await test.tcp((socket) => socket.end('here'));
      test.names['a.example'] = [['127.0.0.9', '127.0.0.7', '10.0.0.1']];
      await test.start({
        network: 'open',
        rules: {
          addresses: (host) => Promise.resolve(test.names[host]?.[0] ?? []),
          isPublic: (address) => address.startsWith('127.0.0.'),
        },
      });
      assert.match((await test.say(connectTo(`a.example:${String(port)}`))).text, /here$/);
    });
  });

  describe('refuses, with 403 and a word to the user', () => {
    it('a host that is not allowed, before its name is looked up; once for each', async () => {
      await test.start({ network: { allow: ['a.example'] } });
      for (let n = 0; n < 2; n++) {
        for (const said of [
          await test.say(connectTo('key-as-a-name.evil.example:443')),
          await test.say(get('http://key-as-a-name.evil.example/x')),
        ]) {
          assert.equal(said.status, 403);
          assert.match(said.text, /Offload: key-as-a-name\.evil\.example was refused; allow it by --network/);
        }
      }
      assert.deepEqual(test.looked, []);
      assert.deepEqual(test.refused, [
        'Network: key-as-a-name.evil.example was refused; allow it by --network key-as-a-name.evil.example, or in the setting "offload.network".',
      ]);
    });

    it('another port of a host that is allowed', async () => {
      test.names['a.example'] = [[PUBLIC]];
      await test.start({ network: { allow: ['a.example'] } });
      assert.equal((await test.say(connectTo('a.example:22'))).status, 403);
      assert.equal((await test.say(get('http://a.example:8080/'))).status, 403);
      assert.match(
        test.refused.join(),
        /^Network: a\.example:22 was refused; allow it by --network a\.example:22/,
      );
    });

    for (const host of [
      ...[
        'localhost',
        'LOCALHOST.',
        '127.0.0.1',
        '127.1',
        '2130706433',
        '0x7f000001',
        '0177.0.0.1',
        '0',
        '0.0.0.0',
      ],
      ...[
        '[::1]',
        '[::]',
        '[::ffff:127.0.0.1]',
        '[::ffff:7f00:1]',
        '[0:0:0:0:0:ffff:a9fe:a9fe]',
        '[fe80::1]',
      ],
      ...['169.254.169.254', '0xa9fea9fe', '2852039166', '[fd00:ec2::254]', '10.0.0.1', '192.168.0.1'],
      ...['[64:ff9b::a9fe:a9fe]', '224.0.0.1', '[ff02::1]', '255.255.255.255'],
    ]) {
      it(`${host}, also where all is open`, async () => {
        test.names['localhost'] = [['127.0.0.1', '::1']];
        let met = 0;
        const port = await test.tcp(() => met++);
        await test.start({ network: 'open' });
        for (const each of [80, port]) {
          assert.equal((await test.say(connectTo(`${host}:${String(each)}`))).status, 403);
          assert.equal((await test.say(get(`http://${host}:${String(each)}/`))).status, 403);
        }
        assert.equal(met, 0);
        assert.match(
          test.refused.join(),
          /is this machine or on a private network, which no run can reach\.$/,
        );
      });
    }

    it('a name that leads to private addresses, though the list allows it', async () => {
      test.names['in.example'] = [['10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '169.254.169.254']];
      await test.start({ network: { allow: ['in.example'] } });
      assert.equal((await test.say(connectTo('in.example:443'))).status, 403);
      assert.doesNotMatch(test.refused.join(), /10\.0\.0\.1/);
    });

    it('a name that leads elsewhere the second time: the address that was judged is the one that is met', async () => {
      const port = await test.http((_request, response) => response.end('judged'));
      test.names['a.example'] = [[PUBLIC], ['127.0.0.1']];
      await test.start({ network: 'open' });
      const target = `http://a.example:${String(port)}/`;
      assert.match((await test.say(get(target))).text, /judged$/);
      assert.deepEqual(test.looked, ['a.example']);
      assert.equal((await test.say(get(target))).status, 403);
    });

    it('the model, which the relay alone speaks to', async () => {
      test.names['model.example'] = [[PUBLIC]];
      const port = await test.http((_request, response) => response.end('hello'));
      const model = { host: 'model.example', port };
      await test.start({ network: { allow: [`model.example:${String(port)}`] }, model });
      assert.equal((await test.say(connectTo(`MODEL.example.:${String(port)}`))).status, 403);
      assert.match(test.refused.join(), /the model is reached by the relay alone/);
    });

    it('hosts without end, and tells of some of them', async () => {
      await test.start({ network: { allow: ['a.example'] } });
      for (let n = 0; n < 60; n++) await test.say(connectTo(`n${String(n)}.example:443`));
      assert.equal(test.refused.length, 51);
      assert.equal(test.refused.at(-1), 'Network: further hosts were refused.');
    });
  });

  describe('passes plain requests on', () => {
    it('with method, path, headers and body, and the answer with its own', async () => {
      const port = await test.http((request, response) => {
        void bodyOf(request).then((body) => {
          response.writeHead(207, { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] });
          response.end([request.method, request.url, request.headers['x-mine'], body].join(' '));
        });
      });
      await test.start({ network: 'open' });
      const { status, text } = await test.say(
        `PUT http://${PUBLIC}:${String(port)}/a/../b?c=%2e%2e#no HTTP/1.1\r\nHost: x\r\nX-Mine: m\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody`,
      );
      assert.equal(status, 207);
      assert.match(text, /x-one: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/);
      assert.match(text, /PUT \/a\/\.\.\/b\?c=%2e%2e m body/);
    });

    it('to the host of the address, whatever the host header says', async () => {
      const hosts: (string | undefined)[] = [];
      const port = await test.http((request, response) => {
        hosts.push(request.headers.host);
        response.end();
      });
      test.names['a.example'] = [[PUBLIC]];
      await test.start({ network: { allow: [`a.example:${String(port)}`] } });
      const target = `http://a.example:${String(port)}`;
      await test.say(`GET ${target}/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n`);
      await test.say(`GET ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close, host\r\n\r\n`);
      assert.deepEqual(hosts, [target.slice(7), target.slice(7)]);
    });

    it('without what is of the connection', async () => {
      let seen: string[] = [];
      const port = await test.http((request, response) => {
        seen = Object.keys(request.headers).sort();
        response
          .writeHead(200, { connection: 'close, x-hop', 'x-hop': '1', 'keep-alive': 'timeout=9' })
          .end();
      });
      await test.start({ network: 'open' });
      const { text } = await test.say(
        get(
          `http://${PUBLIC}:${String(port)}/`,
          'Connection: close, X-Secret\r\nX-Secret: 1\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\n',
        ),
      );
      assert.deepEqual(seen, ['connection', 'host']);
      assert.doesNotMatch(text, /x-hop|timeout=9/);
    });

    it('one after the other on a connection, each judged by itself', async () => {
      const port = await test.http((_request, response) => response.end('one'));
      await test.start({ network: { allow: [`${PUBLIC}:${String(port)}`] } });
      const { text } = await test.say(
        get(`http://${PUBLIC}:${String(port)}/`, '') +
          get('http://127.0.0.1/', '') +
          get('http://evil.example/'),
      );
      assert.match(text, /^HTTP\/1\.1 200 OK[^]*one[^]*HTTP\/1\.1 403 Forbidden/);
      assert.doesNotMatch(text, /200[^]*200/);
    });

    for (const [what, request] of [
      ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 50\r\n\r\n'],
      [
        'a length and chunks',
        'POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['chunks by another name', 'POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
      ['a blank before the colon', 'POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
      ['a bare line feed', 'GET / HTTP/1.1\nX: 1\r\n\r\n'],
      ['a line in a header', 'GET / HTTP/1.1\r\nX: 1\r\n GET http://127.0.0.1/ HTTP/1.1\r\n\r\n'],
      ['a chunk without a size', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n'],
    ] as const) {
      it(`and no second one that is smuggled in by ${what}`, async () => {
        const urls: (string | undefined)[] = [];
        const port = await test.http((got, response) => {
          urls.push(got.url);
          got.resume().on('end', () => response.end('ok'));
        });
        await test.start({ network: 'open' });
        const smuggled = `GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
        const host = `Host: x\r\n`;
        const [line = '', ...rest] = request.split(/(?<=\n)/);
        const first = line.replace(' / ', ` http://${PUBLIC}:${String(port)}/ `);
        const { text } = await test.say(first + host + rest.join('') + smuggled, /\r\n\r\n/);
        assert.match(text, /^HTTP\/1\.1 [45]\d\d/);
        assert(!urls.includes('/smuggled'), urls.join());
      });
    }

    it('with a body in a method that has none, as one request', async () => {
      const got: string[] = [];
      const port = await test.http((request, response) => {
        void bodyOf(request).then((body) => {
          got.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
          response.end();
        });
      });
      await test.start({ network: 'open' });
      const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
      const target = `http://${PUBLIC}:${String(port)}/`;
      await test.say(
        get(target, `Connection: close, content-length\r\nContent-Length: ${String(hidden.length)}\r\n`) +
          hidden,
      );
      await test.say(
        get(target, 'Connection: close\r\nTransfer-Encoding: chunked\r\n') +
          `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      );
      assert.deepEqual(got, [`GET / ${hidden}`, `GET / ${hidden}`]);
    });

    it('and breaks the answer off where it is broken off', async () => {
      const port = await test.http((_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
      });
      await test.start({ network: 'open' });
      const socket = test.connect();
      socket.write(get(`http://${PUBLIC}:${String(port)}/`, ''));
      await assert.rejects(async () => {
        const { text } = await test.hear(socket);
        assert.match(text, /half$/);
        throw new Error('broken off');
      });
    });
  });

  describe('takes no other requests', () => {
    for (const [what, request] of [
      ['a path alone', get('/')],
      ['another protocol', get('https://a.example/')],
      ['a file', get('file:///etc/passwd')],
      ['a name and password', get('http://a:b@a.example/')],
      ['a back slash', get('http://a.example\\@b.example/')],
      ['a tunnel without a port', connectTo('a.example')],
      ['a tunnel to a path', connectTo('a.example:443/x')],
      ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
      ['what is no HTTP', '\u0016\u0003\u0001\u0002\r\n\r\n'],
    ] as const) {
      it(what, async () => {
        await test.start({ network: 'open' });
        assert.equal((await test.say(request)).status, 400);
        assert.deepEqual(test.looked, []);
      });
    }
  });

  it('says why a host cannot be reached', async () => {
    const port = await test.tcp(() => undefined);
    test.names['a.example'] = [[PUBLIC]];
    await test.start({ network: 'open' });
    const none = await test.say(connectTo('none.example:443'));
    assert.deepEqual([none.status, none.text.includes('its name is not found')], [502, true]);
    const nobody = await test.say(get(`http://a.example:${String(port === 1 ? 2 : 1)}/`));
    assert.deepEqual([nobody.status, nobody.text.includes('nobody answers there')], [502, true]);
    assert.deepEqual(test.refused, []);
  });

  describe('bounds what a box can take', () => {
    it('a head that comes by the byte', async () => {
      await test.start({ network: 'open', headTime: 300 });
      const slow = Array.from({ length: 5 }, () => test.connect());
      const silent = test.connect();
      const timer = setInterval(() => {
        for (const socket of slow) if (socket.writable) socket.write('a');
      }, 20);
      try {
        await Promise.all([...slow, silent].map((socket) => test.hear(socket).catch(() => undefined)));
      } finally {
        clearInterval(timer);
      }
    });

    it('a head that is too long', async () => {
      await test.start({ network: 'open' });
      assert.equal((await test.say(get('http://a.example/', `X: ${'x'.repeat(40_000)}\r\n`))).status, 431);
    });

    it('a tunnel that is silent, on both of its ends', async () => {
      let far: Socket | undefined;
      const port = await test.tcp((socket) => {
        far = socket.resume().on('end', () => socket.end());
      });
      await test.start({ network: 'open', silence: 100 });
      const socket = test.connect();
      socket.write(connectTo(`${PUBLIC}:${String(port)}`));
      await test.hear(socket).catch(() => undefined);
      await eventually(() => far?.destroyed ?? false);
    });

    it('a tunnel that is silent, of which one end is over', async () => {
      let far: Socket | undefined;
      const port = await test.tcp((socket) => {
        far = socket.resume();
        socket.end();
      });
      await test.start({ network: 'open', silence: 100 });
      const socket = test.connect();
      socket.resume().write(connectTo(`${PUBLIC}:${String(port)}`));
      await once(socket, 'end');
      await eventually(() => far?.destroyed ?? false);
      await eventually(() => socket.destroyed || !socket.write('more'));
    });

    it('connections at once', async () => {
      const port = await test.tcp(() => undefined);
      await test.start({ network: 'open' });
      const sockets = Array.from({ length: 300 }, () => test.connect());
      const ended = new Set<Socket>();
      for (const socket of sockets)
        socket
          .resume()
          .on('close', () => ended.add(socket))
          .on('end', () => socket.end());
      await eventually(() => ended.size === 300 - 256);
      sockets.find((socket) => !ended.has(socket))?.destroy();
      await eventually(async () => {
        const { status } = await test
          .say(connectTo(`${PUBLIC}:${String(port)}`), /\r\n\r\n/)
          .catch(() => ({ status: 0 }));
        return status === 200;
      });
    });
  });

  it('leaves no connection when it is closed: in mid-download, before an answer, while a name is looked up', async () => {
    const far: Socket[] = [];
    const endless = await test.tcp((socket) => {
      far.push(socket);
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    const mute = await test.tcp((socket) => {
      far.push(socket.resume().on('end', () => socket.end()));
    });
    let asked = 0;
    let answer: (addresses: string[]) => void = () => undefined;
    await test.start({
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
      const socket = test.connect();
      socket.write(request);
      return socket;
    });
    await Promise.race(near.map((socket) => once(socket, 'readable')));
    await eventually(() => far.length === 2 && asked === 1);
    await test.closeGate();
    for (const socket of near) socket.resume();
    await eventually(() => [...far, ...near].every((socket) => socket.destroyed || socket.readableEnded));
    await eventually(() => far.every(({ destroyed }) => destroyed));
    assert(!existsSync(test.socket));
    answer([]);
  });

  for (const [who, leave] of [
    ['the program has left', (socket: Socket) => Promise.resolve(void socket.destroy())],
    ['the run is over', () => test.closeGate()],
  ] as const) {
    it(`connects to nothing any more when ${who} while a name was looked up`, async () => {
      const met: Socket[] = [];
      const port = await test.tcp((socket) => met.push(socket.resume()));
      const asked: ((addresses: string[]) => void)[] = [];
      await test.start({
        network: 'open',
        rules: {
          addresses: () => new Promise((resolve) => asked.push(resolve)),
          isPublic: (address) => address === PUBLIC,
        },
      });
      const socket = test.connect();
      socket.resume().write(get(`http://slow.example:${String(port)}/`));
      await eventually(() => asked.length === 1);
      await leave(socket);
      await eventually(() => socket.destroyed || socket.readableEnded);
      // The gate has seen it by the time that it answers another.
      if (who === 'the program has left') await test.say(connectTo('127.0.0.1:1'));
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
    const port = await test.tcp((socket) => far.push(socket.resume()));
    await test.start({ network: 'open' });
    const tunnel = test.connect();
    tunnel.write(connectTo(`${PUBLIC}:${String(port)}`));
    const request = test.connect();
    request.write(get(`http://${PUBLIC}:${String(port)}/`));
    await eventually(() => far.length === 2);
    tunnel.destroy();
    request.destroy();
    await eventually(() => far.every(({ destroyed, readableEnded }) => destroyed || readableEnded));
  });
});
