import assert from 'node:assert/strict';
import { bodyOf, get, PUBLIC, withGate } from '../../support/network/gate-test.ts';

describe('the gate', () => {
  const test = withGate();

  describe('passes plain requests on', () => {
    it('with method, path, headers and body, and the answer with its own', async () => {
      const port = await test().http((request, response) => {
        void bodyOf(request).then((body) => {
          response.writeHead(207, { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] });
          response.end([request.method, request.url, request.headers['x-mine'], body].join(' '));
        });
      });
      await test().start({ network: 'open' });
      const { status, text } = await test().say(
        `PUT http://${PUBLIC}:${String(port)}/a/../b?c=%2e%2e#no HTTP/1.1\r\nHost: x\r\nX-Mine: m\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody`,
      );
      assert.equal(status, 207);
      assert.match(text, /x-one: 1\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/);
      assert.match(text, /PUT \/a\/\.\.\/b\?c=%2e%2e m body/);
    });

    it('to the host of the address, whatever the host header says', async () => {
      const hosts: (string | undefined)[] = [];
      const port = await test().http((request, response) => {
        hosts.push(request.headers.host);
        response.end();
      });
      test().names['a.example'] = [[PUBLIC]];
      await test().start({ network: { allow: [`a.example:${String(port)}`] } });
      const target = `http://a.example:${String(port)}`;
      await test().say(`GET ${target}/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n`);
      await test().say(`GET ${target} HTTP/1.1\r\nHost: a.example\r\nConnection: close, host\r\n\r\n`);
      assert.deepEqual(hosts, [target.slice(7), target.slice(7)]);
    });

    it('without what is of the connection', async () => {
      let seen: string[] = [];
      const port = await test().http((request, response) => {
        seen = Object.keys(request.headers).sort();
        response
          .writeHead(200, { connection: 'close, x-hop', 'x-hop': '1', 'keep-alive': 'timeout=9' })
          .end();
      });
      await test().start({ network: 'open' });
      const { text } = await test().say(
        get(
          `http://${PUBLIC}:${String(port)}/`,
          'Connection: close, X-Secret\r\nX-Secret: 1\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\n',
        ),
      );
      assert.deepEqual(seen, ['connection', 'host']);
      assert.doesNotMatch(text, /x-hop|timeout=9/);
    });

    it('one after the other on a connection, each judged by itself', async () => {
      const port = await test().http((_request, response) => response.end('one'));
      await test().start({ network: { allow: [`${PUBLIC}:${String(port)}`] } });
      const { text } = await test().say(
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
        const port = await test().http((got, response) => {
          urls.push(got.url);
          got.resume().on('end', () => response.end('ok'));
        });
        await test().start({ network: 'open' });
        const smuggled = `GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`;
        const host = `Host: x\r\n`;
        const [line = '', ...rest] = request.split(/(?<=\n)/);
        const first = line.replace(' / ', ` http://${PUBLIC}:${String(port)}/ `);
        const { text } = await test().say(first + host + rest.join('') + smuggled, /\r\n\r\n/);
        assert.match(text, /^HTTP\/1\.1 [45]\d\d/);
        assert(!urls.includes('/smuggled'), urls.join());
      });
    }

    it('with a body in a method that has none, as one request', async () => {
      const got: string[] = [];
      const port = await test().http((request, response) => {
        void bodyOf(request).then((body) => {
          got.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
          response.end();
        });
      });
      await test().start({ network: 'open' });
      const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
      const target = `http://${PUBLIC}:${String(port)}/`;
      await test().say(
        get(target, `Connection: close, content-length\r\nContent-Length: ${String(hidden.length)}\r\n`) +
          hidden,
      );
      await test().say(
        get(target, 'Connection: close\r\nTransfer-Encoding: chunked\r\n') +
          `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      );
      assert.deepEqual(got, [`GET / ${hidden}`, `GET / ${hidden}`]);
    });

    it('and breaks the answer off where it is broken off', async () => {
      const port = await test().http((_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
      });
      await test().start({ network: 'open' });
      const socket = test().connect();
      socket.write(get(`http://${PUBLIC}:${String(port)}/`, ''));
      await assert.rejects(async () => {
        const { text } = await test().hear(socket);
        assert.match(text, /half$/);
        throw new Error('broken off');
      });
    });
  });
});
