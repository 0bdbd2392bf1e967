import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hasDash } from '../../../backend/src/isolation/limit-arguments.ts';
import { scriptOptions, scriptRunner } from '../../../backend/src/isolation/start-script.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { skip } from '../../support/reporting/skip.ts';

const SHOW =
  'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.OFFLOAD_START ?? null]))';

describe('the script that starts a program', () => {
  before(function () {
    if (!hasDash()) skip(this, "Debian's shell is not here");
  });

  const options = (args: string[], env: Record<string, string> = {}) =>
    scriptOptions({
      workspace: '/',
      argv: [process.execPath, '-e', SHOW, '--', ...args],
      env,
      readOnly: [],
      stdin: undefined,
      // Node's own address space alone is more than the memory.
      limits: effectiveLimits({}),
      memoryLimit: 'data',
    });
  const runScript = (script: string) => {
    const [shell = '', ...args] = scriptRunner;
    return spawnSync(shell, args, { env: { OFFLOAD_START: script }, encoding: 'utf8' });
  };
  const shown = (args: string[]): unknown => {
    const [, name, script] = options(args) ?? [];
    assert.equal(name, 'OFFLOAD_START');
    const { stdout, stderr } = runScript(script ?? '');
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };

  it('hands over every character as it is, and is not seen itself', () => {
    const all = String.fromCodePoint(...Array.from({ length: 0x7ff }, (_, index) => index + 1));
    const args = [
      '',
      ' ',
      all,
      `'`,
      `''`,
      `'\\''`,
      '\\',
      '\n',
      '$(exit 3)`exit 4`${x}',
      '!',
      '~',
      '*',
      '€😀',
      '-c',
    ];
    assert.deepEqual(shown(args), [args, null]);
  });

  it('takes a program that is nearly as long as a variable may be, and none that is longer', () => {
    const long = 'x'.repeat(99_000);
    assert.deepEqual(shown([long]), [[long], null]);
    assert.equal(options(['x'.repeat(100_000)]), undefined);
    // What it takes to quote them counts.
    assert.equal(options(["'".repeat(30_000)]), undefined);
    assert.equal(options(['€'.repeat(40_000)]), undefined);
  });

  it('is none for a program that is to have a variable of its name', () => {
    assert.equal(options([], { OFFLOAD_START: '' }), undefined);
  });

  it('starts nothing when it is cut short, wherever', () => {
    const [, , script = ''] = options(['a', "b'c"]) ?? [];
    assert.notEqual(runScript(script).stdout, '');
    for (let length = 0; length < script.length; length++) {
      assert.equal(runScript(script.slice(0, length)).stdout, '', script.slice(0, length));
    }
  });
});
