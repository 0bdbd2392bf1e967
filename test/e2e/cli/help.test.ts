import assert from 'node:assert/strict';
import { installation } from '../../support/cli/installation.ts';

const COMMANDS = [
  ...['run', 'task', 'reply', 'attach', 'cancel', 'runs', 'doctor', 'lambda-local'],
  ...['deploy', 'status', 'logs', 'destroy', 'policy', 'login', 'image'],
];

describe('offload explains', () => {
  const cli = installation();

  it('itself', async () => {
    const overview = await cli().run(['--help']);
    assert.deepEqual([overview.code, overview.stderr], [0, '']);
    assert.match(overview.stdout, /^offload: .*\n\nusage: offload COMMAND/);
    for (const command of COMMANDS) assert.match(overview.stdout, new RegExp(`^  ${command} +\\w`, 'm'));
    for (const same of ['-h', 'help']) assert.deepEqual(await cli().run([same]), overview);
    assert.deepEqual(await cli().run([]), { ...overview, code: 2 });
  });

  for (const command of COMMANDS) {
    it(`${command}, with each of its options`, async () => {
      const help = await cli().run([command, '--help']);
      assert.deepEqual([help.code, help.stderr], [0, '']);
      assert.match(help.stdout, new RegExp(`^usage: offload ${command}\\b`));
      assert(help.stdout.split('\n').every((line) => line.length <= 120));
      assert.deepEqual(await cli().run([command, '--json', '-h']), help);
      for (const [option] of help.stdout.matchAll(/(?<=^ {2})--[a-z-]+/gm)) {
        const { stderr } = await cli().run([command, option === '--help' ? '--json' : option, '--unknown']);
        assert.doesNotMatch(stderr, new RegExp(`Unknown option '${option}'`));
      }
    });
  }

  it('what is there and what is missing', async () => {
    const { code, stdout } = await cli().run(['doctor']);
    assert.equal(code, 0, stdout);
    const lines = stdout.trim().split('\n');
    assert(
      lines.every((line) => line.startsWith('ok    ')),
      stdout,
    );
    assert.match(stdout, /^ok {4}Backend: \S+ on Node v\d+\.\d+\.\d+, target local$/m);
    assert.match(stdout, /^ok {4}Isolation: bubblewrap .*no network$/m);
    const report = JSON.parse((await cli().run(['doctor', '--json'])).stdout) as {
      ok: boolean;
      checks: { name: string; ok: boolean; detail: string }[];
    };
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.checks.map(({ name, detail }) => `ok    ${name}: ${detail}`),
      lines,
    );
  });
});
