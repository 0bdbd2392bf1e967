import assert from 'node:assert/strict';
import { connectTo, get, PUBLIC, withGate } from '../../support/network/gate-test.ts';

describe('the gate', () => {
  const test = withGate();

  describe('refuses, with 403 and a word to the user', () => {
    it('a host that is not allowed, before its name is looked up; once for each', async () => {
      await test().start({ network: { allow: ['a.example'] } });
      for (let n = 0; n < 2; n++) {
        for (const said of [
          await test().say(connectTo('key-as-a-name.evil.example:443')),
          await test().say(get('http://key-as-a-name.evil.example/x')),
        ]) {
          assert.equal(said.status, 403);
          assert.match(said.text, /Offload: key-as-a-name\.evil\.example was refused; allow it by --network/);
        }
      }
      assert.deepEqual(test().looked, []);
      assert.deepEqual(test().refused, [
        'Network: key-as-a-name.evil.example was refused; allow it by --network key-as-a-name.evil.example, or in the setting "offload.network".',
      ]);
    });

    it('another port of a host that is allowed', async () => {
      test().names['a.example'] = [[PUBLIC]];
      await test().start({ network: { allow: ['a.example'] } });
      assert.equal((await test().say(connectTo('a.example:22'))).status, 403);
      assert.equal((await test().say(get('http://a.example:8080/'))).status, 403);
      assert.match(
        test().refused.join(),
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
        test().names['localhost'] = [['127.0.0.1', '::1']];
        let met = 0;
        const port = await test().tcp(() => met++);
        await test().start({ network: 'open' });
        for (const each of [80, port]) {
          assert.equal((await test().say(connectTo(`${host}:${String(each)}`))).status, 403);
          assert.equal((await test().say(get(`http://${host}:${String(each)}/`))).status, 403);
        }
        assert.equal(met, 0);
        assert.match(
          test().refused.join(),
          /is this machine or on a private network, which no run can reach\.$/,
        );
      });
    }

    it('a name that leads to private addresses, though the list allows it', async () => {
      test().names['in.example'] = [['10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '169.254.169.254']];
      await test().start({ network: { allow: ['in.example'] } });
      assert.equal((await test().say(connectTo('in.example:443'))).status, 403);
      assert.doesNotMatch(test().refused.join(), /10\.0\.0\.1/);
    });

    it('a name that leads elsewhere the second time: the address that was judged is the one that is met', async () => {
      const port = await test().http((_request, response) => response.end('judged'));
      test().names['a.example'] = [[PUBLIC], ['127.0.0.1']];
      await test().start({ network: 'open' });
      const target = `http://a.example:${String(port)}/`;
      assert.match((await test().say(get(target))).text, /judged$/);
      assert.deepEqual(test().looked, ['a.example']);
      assert.equal((await test().say(get(target))).status, 403);
    });

    it('the model, which the relay alone speaks to', async () => {
      test().names['model.example'] = [[PUBLIC]];
      const port = await test().http((_request, response) => response.end('hello'));
      const model = { host: 'model.example', port };
      await test().start({ network: { allow: [`model.example:${String(port)}`] }, model });
      assert.equal((await test().say(connectTo(`MODEL.example.:${String(port)}`))).status, 403);
      assert.match(test().refused.join(), /the model is reached by the relay alone/);
    });

    it('hosts without end, and tells of some of them', async () => {
      await test().start({ network: { allow: ['a.example'] } });
      for (let n = 0; n < 60; n++) await test().say(connectTo(`n${String(n)}.example:443`));
      assert.equal(test().refused.length, 51);
      assert.equal(test().refused.at(-1), 'Network: further hosts were refused.');
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
        await test().start({ network: 'open' });
        assert.equal((await test().say(request)).status, 400);
        assert.deepEqual(test().looked, []);
      });
    }
  });

  it('says why a host cannot be reached', async () => {
    const port = await test().tcp(() => undefined);
    test().names['a.example'] = [[PUBLIC]];
    await test().start({ network: 'open' });
    const none = await test().say(connectTo('none.example:443'));
    assert.deepEqual([none.status, none.text.includes('its name is not found')], [502, true]);
    const nobody = await test().say(get(`http://a.example:${String(port === 1 ? 2 : 1)}/`));
    assert.deepEqual([nobody.status, nobody.text.includes('nobody answers there')], [502, true]);
    assert.deepEqual(test().refused, []);
  });
});
