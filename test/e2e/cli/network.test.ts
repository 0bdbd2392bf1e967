import assert from 'node:assert/strict';
import { installation } from '../../support/cli/installation.ts';
import { Internet } from '../../support/network/internet.ts';

describe('offload run --network', () => {
  const internet = new Internet();
  const cli = installation(internet.prepare);
  before(async () => {
    await internet.serve('93.184.216.34', [80], (_request, response) => response.end('hello from outside'));
    internet.name('a.example', '93.184.216.34');
    internet.name('b.example', '93.184.216.34');
  });
  after(() => internet.dispose());

  const got = (network: string[]) => {
    const file = cli().file('get.sh', 'curl -sS --max-time 20 http://a.example/ 2>&1; echo; exit 0');
    return cli().run(['run', ...network, file]);
  };

  it('is closed where nothing is said, and where that is said', async () => {
    for (const network of [[], ['--network', 'closed']]) {
      const { code, stdout, stderr } = await got(network);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /not resolve host/);
    }
  });

  it('opens it to all, or to the hosts that it names', async () => {
    for (const network of ['open', 'b.example,A.example']) {
      const { stdout, stderr } = await got(['--network', network]);
      assert.equal(stdout + stderr, 'hello from outside\n', network);
    }
  });

  it('says what was refused, once, and how it is allowed', async () => {
    const file = cli().file('more.sh', 'for n in 1 2; do curl -sS http://a.example/ > /dev/null; done');
    const { code, stderr } = await cli().run(['run', '--network=b.example', file]);
    assert.equal(code, 0);
    assert.equal(
      stderr,
      'offload: Network: a.example was refused; allow it by --network a.example, or in the setting "offload.network".\n',
    );
  });

  for (const network of ['', 'opne', 'a.example/x', 'https://a.example', 'open,a.example', 'a.example:0']) {
    it(`refuses ${JSON.stringify(network)}, and says what it takes`, async () => {
      const { code, stdout, stderr } = await got(['--network', network]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /--network takes closed, open, or hosts such as example\.org,/);
    });
  }
});
