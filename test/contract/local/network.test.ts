import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Network } from '../../../src/protocol/network.ts';
import { Internet } from '../../support/network/internet.ts';
import { code } from '../../support/target/code.ts';
import { eventually } from '../../support/target/eventually.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { failure, outcome, request, run, succeeded, type Outcome } from '../../support/target/run.ts';
import { targetOf, type Target } from '../../support/target/target.ts';
import { userTarget } from '../../support/target/user-target.ts';
import { assertNoSocketLeadsOut } from '../escape/sockets.ts';

const PUBLIC = '93.184.216.34';

/** What a server of the internet has been asked. */
interface Asked {
  url: string | undefined;
  host: string | undefined;
  body: string;
}

function describeNetwork(
  whose: string,
  make: (context: Mocha.Context, internet: Internet) => Promise<Target & { folder: string }>,
): void {
  describe(`the network of ${whose}`, () => {
    const internet = new Internet();
    const asked: Asked[] = [];
    let endless: IncomingMessage | undefined;
    /** Its port on the loopback interface, at which nothing of a box may meet it. */
    let port: number;
    const target = targetOf((context) => make(context, internet));
    before(async () => {
      port = await internet.serve(PUBLIC, [80, 443, 8443], (request, response) => {
        void (async () => {
          let body = '';
          for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
          asked.push({ url: request.url, host: request.headers.host, body });
          if (request.url === '/endless') {
            endless = request;
            const more = (): void => {
              while (!response.destroyed && response.write(Buffer.alloc(65_536)));
            };
            response.on('drain', more);
            more();
          } else response.end(`hello from outside ${body}`);
        })();
      });
      internet.name('allowed.example', PUBLIC);
      internet.name('sub.below.example', PUBLIC);
      internet.name('evil.example', PUBLIC);
      internet.name('inside.example', '127.0.0.1', '10.0.0.1', '::1', '169.254.169.254');
      internet.name('localhost', '127.0.0.1', '::1');
    });
    beforeEach(() => {
      asked.length = 0;
    });
    after(() => {
      internet.dispose();
    });

    const ran = async (
      language: string,
      text: string,
      network: Network,
      args: string[] = [],
    ): Promise<Outcome> => succeeded(await run(target(), language, text, { network, args }));
    const refusals = ({ notices }: Outcome): string[] =>
      notices.filter(({ code }) => code === 'network-refused').map(({ message }) => message);

    it('is among what it offers', () => {
      const { network, networkAllow } = target().capabilities;
      assert.deepEqual([network, networkAllow], [['closed', 'open'], true]);
    });

    describe('lets a program reach a host of the list, by the proxy that its environment names', () => {
      const allow = { allow: ['allowed.example', 'allowed.example:8443', '*.below.example'] };

      it('with Python', async () => {
        const text = code`
          import urllib.request
          print(urllib.request.urlopen('http://allowed.example/a').read().decode())
          print(urllib.request.urlopen('http://sub.below.example/b', b'data').read().decode())
        `;
        const { stdout, notices } = await ran('python', text, allow);
        assert.equal(stdout, 'hello from outside \nhello from outside data\n');
        assert.deepEqual(notices, []);
        assert.deepEqual(
          asked.map(({ url, host }) => `${String(host)}${String(url)}`),
          ['allowed.example/a', 'sub.below.example/b'],
        );
      });

      it('with curl, also by a tunnel and at a port that is named', async () => {
        const text = code`
          set -e
          curl -sS http://allowed.example/a; echo
          curl -sS --proxytunnel http://allowed.example/b; echo
          curl -sS --proxytunnel http://allowed.example:8443/c; echo
          ! curl -sS --max-time 5 --noproxy '*' http://allowed.example/d
        `;
        const { stdout } = await ran('bash', text, allow);
        assert.equal(stdout, 'hello from outside \n'.repeat(3));
      });

      it('with Node, that heeds it', async () => {
        const text = code`
          const { get } = require('node:http');
          if (Number(process.versions.node.split('.')[0]) < 24) { console.log('too old'); process.exit(0); }
          fetch('http://allowed.example/f').then((r) => r.text()).then((text) => {
            console.log(text);
            get('http://allowed.example/g', (r) => r.pipe(process.stdout));
          });
        `;
        const ready = request(target(), 'javascript', text, {
          network: allow,
          interpreter: process.execPath,
        });
        const { stdout, stderr } = succeeded(await outcome(ready.runId, target().sandbox.submit(ready)));
        assert.equal(stdout, 'hello from outside \nhello from outside ', stderr);
      });

      it('with git, pip and npm, as far as the server knows them', async () => {
        const text = code`
          export GIT_TERMINAL_PROMPT=0
          git ls-remote http://allowed.example/repository >&2
          python3 -m pip --disable-pip-version-check --retries 0 download --no-deps -i http://allowed.example/simple x >&2
          npm view x --registry http://allowed.example/npm --fetch-retries 0 >&2
          true
        `;
        await ran('bash', text, allow);
        const urls = asked.map(({ url = '' }) => url);
        assert(
          urls.some((url) => url.startsWith('/repository/info/refs')),
          urls.join(),
        );
      });
    });

    it('is named in every spelling that programs read', async () => {
      const { stdout } = await ran('bash', 'env | grep -i _proxy=', 'open');
      const names = ['all_proxy', 'http_proxy', 'https_proxy'].flatMap((name) => [name, name.toUpperCase()]);
      const proxies = [
        ...names.map((name) => `${name}=http://127.0.0.1:4118`),
        'NODE_USE_ENV_PROXY=1',
        ...['no_proxy', 'NO_PROXY'].map((name) => `${name}=localhost,127.0.0.1,::1`),
      ];
      assert.deepEqual(stdout.trim().split('\n').sort(), proxies.sort());
    });

    it('is open to every public host where it is asked for', async () => {
      const { stdout, notices } = await ran('bash', 'curl -sS http://evil.example:8443/', 'open');
      assert.equal(stdout, 'hello from outside ');
      assert.deepEqual(notices, []);
    });

    it('is closed by an empty list: there is no proxy, and nothing to reach', async () => {
      for (const network of [{ allow: [] }, 'closed'] satisfies Network[]) {
        const text = code`
          env | grep -i -c proxy
          ls /run/offload-gate 2>&1
          curl -sS --max-time 5 -x http://127.0.0.1:4118 http://allowed.example/ 2>&1
          true
        `;
        const { stdout } = await ran('bash', text, network);
        assert.match(stdout, /^0\n.*No such file.*\n.*connect to 127\.0\.0\.1 port 4118/i);
      }
      assert.deepEqual(asked, []);
    });

    it('refuses a host that is not in the list, in words for the program and, once, for the user', async () => {
      const text = code`
        for n in 1 2 3; do curl -sS http://evil.example/; done
        curl -sS -o /dev/null -w '%{http_connect}\n' https://evil.example/ 2>/dev/null
        curl -sS http://allowed.example:22/
      `;
      const refused = await ran('bash', text, { allow: ['allowed.example'] });
      assert.equal(
        refused.stdout,
        'Offload: evil.example was refused; allow it by --network evil.example, or in the setting "offload.network".\n'.repeat(
          3,
        ) +
          '403\nOffload: allowed.example:22 was refused; allow it by --network allowed.example:22, or in the setting "offload.network".\n',
      );
      assert.deepEqual(refusals(refused), [
        'Network: evil.example was refused; allow it by --network evil.example, or in the setting "offload.network".',
        'Network: allowed.example:22 was refused; allow it by --network allowed.example:22, or in the setting "offload.network".',
      ]);
      assert.deepEqual(asked, []);
    });

    for (const network of ['open', { allow: ['allowed.example'] }] satisfies Network[]) {
      const mode = network === 'open' ? 'open' : 'held to a list';

      it(`gives nothing to what ignores the proxy: sockets, datagrams, names, raw packets (${mode})`, async () => {
        const attempt = async (text: string) =>
          (await ran('python', text, network)).stdout.trim().split('\n');
        await assertNoSocketLeadsOut(attempt, 'allowed.example', [PUBLIC]);
        assert.deepEqual(asked, []);
      });

      it(`never leads to this machine, its network or the metadata service (${mode})`, async () => {
        let met = 0;
        const own = connect({ port, host: '127.0.0.1' });
        await once(own, 'connect');
        own.destroy();
        const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
        const addresses = interfaces.map(({ address, family }) =>
          family === 'IPv6' ? `[${address}]` : address,
        );
        const text = code`
          import re, socket, sys
          port = sys.argv[1]
          for host in sys.argv[2:]:
              for at in (port, '80'):
                  for ask in ('CONNECT %s:%s HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', 'GET http://%s:%s/inside HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'):
                      with socket.create_connection(('127.0.0.1', 4118)) as proxy:
                          proxy.sendall((ask % (host, at)).encode())
                          print(host, re.match(rb'HTTP/1.1 (\d+)', proxy.recv(99)).group(1).decode())
        `;
        const hosts = [
          ...[
            'localhost',
            'LOCALHOST.',
            '127.0.0.1',
            '127.1',
            '2130706433',
            '0x7f000001',
            '0177.0.0.1',
            '0.0.0.0',
          ],
          ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '169.254.169.254', '0xa9fea9fe'],
          ...['[fd00:ec2::254]', '10.0.0.1', '192.168.1.1', 'inside.example', ...addresses],
        ];
        const { stdout } = await ran('python', text, network, [String(port), ...hosts]);
        const answers = stdout.trim().split('\n');
        assert.equal(answers.length, hosts.length * 4);
        // A zone is no part of an address.
        assert.deepEqual(
          answers.filter((line) => !/ (403|400)$/.test(line)),
          [],
        );
        met += asked.length;
        assert.equal(met, 0);
      });
    }

    it('does not lead a listed name to private addresses', async () => {
      const refused = await ran('bash', 'curl -sS http://inside.example/', { allow: ['inside.example'] });
      assert.match(refused.stdout, /is this machine or on a private network, which no run can reach/);
      assert.equal(refusals(refused).length, 1);
    });

    it('shows nothing of the gate but its socket, which nothing can be put beside', async () => {
      const text = code`
        cd /run/offload-gate && ls 2>/dev/null | grep -v '\.pem$'
        touch x 2>&1
        rm s 2>&1
        grep -l 'PRIVATE KEY' * 2>/dev/null
        true
      `;
      const { stdout } = await ran('bash', text, 'open');
      assert.match(
        stdout,
        /^(s\n)?touch: .*(Permission denied|Read-only).*\nrm: .*(Permission denied|Read-only).*\n$/,
      );
    });

    it('has the certificates of the host to read', async () => {
      const text =
        'ls -L /etc/ssl/certs | wc -l; cat /etc/ssl/certs/* 2>/dev/null | grep -c "BEGIN CERTIFICATE"';
      const { stdout } = await ran('bash', text, 'open');
      const [files, certificates] = stdout.trim().split('\n').map(Number);
      assert((files ?? 0) > 0 && (certificates ?? 0) > 0, stdout);
    });

    it('leaves the program its input, its exit code, its signals, and variables of its own', async () => {
      const text = code`
        import os, signal, sys
        print(sys.stdin.read(), os.environ['HTTP_PROXY'], os.environ.get('NODE_OPTIONS'))
        sys.stdout.flush()
        if sys.argv[1] == 'kill': os.kill(os.getpid(), signal.SIGTERM)
        sys.exit(7)
      `;
      const own = { HTTP_PROXY: 'http://mine.example', NODE_OPTIONS: '--unknown-option' };
      const more = { network: 'open', stdin: { text: 'given' }, env: own } as const;
      const left = await run(target(), 'python', text, { ...more, args: ['exit'] });
      assert.equal(left.stdout, 'given http://mine.example --unknown-option\n', left.stderr);
      assert.deepEqual(left.end.type === 'completed' && left.end.exitCode, 7);
      const killed = await run(target(), 'python', text, { ...more, args: ['kill'] });
      assert.deepEqual(killed.end.type === 'completed' && killed.end.signal, 'SIGTERM');
    });

    it('holds limits: the smallest that there are, and memory', async () => {
      const limits = { memoryBytes: 32 * 1024 ** 2, processes: 8 };
      const small = await run(target(), 'bash', 'curl -sS http://evil.example/', { network: 'open', limits });
      assert.equal(succeeded(small).stdout, 'hello from outside ');
      const eats = 'import time\nx = [bytearray(b"x" * 2**20) for _ in range(2000)]\ntime.sleep(60)';
      const eaten = await run(target(), 'python', eats, { network: 'open', limits });
      assert(
        eaten.end.type === 'failed'
          ? failure(eaten) === 'memory-limit'
          : eaten.stderr.includes('MemoryError'),
      );
    });

    it('leaves no connection when a run is ended in mid-download', async () => {
      const text = 'curl -sS http://evil.example/endless > /dev/null';
      const ready = request(target(), 'bash', text, { network: 'open' });
      const ended = outcome(ready.runId, target().sandbox.submit(ready));
      await eventually(() => endless !== undefined);
      await target().sandbox.cancel(ready.runId);
      assert.equal((await ended).end.type, 'cancelled');
      await eventually(() => endless?.socket.destroyed ?? false);
      const names = readdirSync(target().folder, { recursive: true, encoding: 'utf8' });
      assert(names.some((name) => /gates\.\d+$/.test(name)));
      assert.deepEqual(
        names.filter((name) => /gates\.\d+\//.test(name)),
        [],
      );
    });
  });
}

describeNetwork('the local sandbox', (_context, internet) => localTarget({ prepare: internet.prepare }));
describeNetwork('the local sandbox of a user without rights', (context, internet) =>
  userTarget(context, internet.prepare),
);
