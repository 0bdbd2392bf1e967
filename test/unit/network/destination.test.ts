import assert from 'node:assert/strict';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { isAllowed } from '../../../backend/src/network/allowed.ts';
import { hostText, parseDestination } from '../../../backend/src/network/destination.ts';
import { isPublicAddress } from '../../../backend/src/network/public-address.ts';

describe('a destination', () => {
  for (const [text, host, port] of [
    ['Example.ORG:443', 'example.org', 443],
    ['example.org.:1', 'example.org', 1],
    ['bücher.example:80', 'xn--bcher-kva.example', 80],
    ['[::1]:80', '::1', 80],
    ['[::ffff:127.0.0.1]:80', '::ffff:7f00:1', 80],
    ...['2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '127.1', '017700000001', '127.0.0.1.'].map(
      (form) => [`${form}:80`, '127.0.0.1', 80] as const,
    ),
    ['0:80', '0.0.0.0', 80],
  ] as const) {
    it(`is taken apart: ${text}`, () => {
      assert.deepEqual(parseDestination(text), { host, port });
    });
  }

  for (const text of [
    ...['', ':80', 'example.org', 'example.org:', 'example.org:0', 'example.org:65536', 'example.org:80:80'],
    ...[
      'a@b.example:80',
      'a.example/b:80',
      'a.example?b:80',
      'a.example#b:80',
      'a\\b.example:80',
      'a b.example:80',
    ],
    ...[
      '::1:80',
      '[::1',
      '[fe80::1%25eth0]:80',
      '%6cocalhost:80',
      '300.1.1.1:80',
      '1.2.3.4.5:80',
      'a..b\u0000:80',
    ],
    `${'a.'.repeat(200)}example:80`,
  ]) {
    it(`is none: ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(parseDestination(text), undefined);
    });
  }

  it('has the port of its protocol where it names none', () => {
    assert.deepEqual(parseDestination('example.org', 80), { host: 'example.org', port: 80 });
  });

  it('is written with its port where that is not the usual one', () => {
    assert.equal(hostText({ host: '2606:4700::1', port: 22 }), '[2606:4700::1]:22');
    assert.equal(hostText({ host: 'example.org', port: 443 }), 'example.org');
  });
});

describe('a list of hosts', () => {
  const allows = (allow: string[], host: string, port = 443): boolean => isAllowed({ allow }, { host, port });

  it('allows what it names, at the usual ports or at the one that it names', () => {
    assert.deepEqual(
      [443, 80, 8443, 22].map((port) => allows(['a.example'], 'a.example', port)),
      [true, true, false, false],
    );
    assert.deepEqual(
      [443, 8443].map((port) => allows(['a.example:8443'], 'a.example', port)),
      [false, true],
    );
  });

  it('allows names below one at any depth, and neither the name itself nor one that only ends like it', () => {
    const asked = ['x.a.example', 'y.x.a.example', 'a.example', 'bada.example', 'a.example.org'];
    assert.deepEqual(
      asked.map((host) => allows(['*.a.example'], host)),
      [true, true, false, false, false],
    );
    assert.deepEqual(
      asked.map((host) => allows(['a.example'], host)),
      [false, false, true, false, false],
    );
  });

  it('allows nothing where it is empty', () => {
    assert.equal(allows([], 'a.example'), false);
  });
});

describe('an address that a run may connect to', () => {
  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
  ])
    it(`is ${address}`, () => assert.equal(isPublicAddress(address), true));

  for (const [what, addresses] of Object.entries({
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    'link-local': ['169.254.1.1', 'fe80::1', 'febf::1', 'fe80::1%lo'],
    metadata: ['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'],
    'unique-local': ['fc00::1', 'fd12:3456::1', 'fec0::1'],
    'IPv4 in IPv6': [
      '::ffff:10.0.0.1',
      '::ffff:8.8.8.8',
      '::7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001::1',
    ],
    multicast: ['224.0.0.1', '239.1.1.1', 'ff02::1', '255.255.255.255', '240.0.0.1'],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '198.18.0.1'],
    none: ['', 'localhost', '1.2.3', '0x7f000001'],
  })) {
    it(`is none that is ${what}`, () => {
      assert.deepEqual(addresses.filter(isPublicAddress), []);
    });
  }

  it('is none that this machine has', () => {
    const { networkInterfaces } = os;
    const own = ['93.184.216.34', '2606:4700::99'];
    os.networkInterfaces = () => ({ eth9: own.map((address) => ({ address }) as os.NetworkInterfaceInfo) });
    syncBuiltinESMExports();
    try {
      assert.deepEqual([...own, '2606:4700:0::0:99'].map(isPublicAddress), [false, false, false]);
      assert.equal(isPublicAddress('93.184.216.35'), true);
    } finally {
      os.networkInterfaces = networkInterfaces;
      syncBuiltinESMExports();
    }
  });
});
