import assert from 'node:assert/strict';
import { parseSettings, SettingError, SETTINGS } from '../../../src/editor/settings/settings.ts';

const parsed = (values: Record<string, unknown>) => parseSettings((name) => values[name]);

describe('the settings', () => {
  it('have defaults', () => {
    assert.deepEqual(parsed({}), {
      interpreters: {},
      limits: { wallSeconds: 600, memoryBytes: 2048 * 1024 * 1024, outputBytes: 64 * 1024 * 1024 },
      reviewOnFinish: 'ask',
    });
  });

  it('are read in their own units', () => {
    const { limits } = parsed({ 'limits.wallSeconds': 5, 'limits.memoryMb': 64, 'limits.outputMb': 1 });
    assert.deepEqual(limits, { wallSeconds: 5, memoryBytes: 64 * 1024 * 1024, outputBytes: 1024 * 1024 });
  });

  for (const [name, value] of [
    ['interpreters', 'python'],
    ['interpreters', ['/usr/bin/python3']],
    ['interpreters', { python: 'python3' }],
    ['interpreters', { python: 3 }],
    ['interpreters', { cobol: '/usr/bin/cobol' }],
    ['limits.wallSeconds', '600'],
    ['limits.wallSeconds', 0],
    ['limits.wallSeconds', 1.5],
    ['limits.wallSeconds', 1e9],
    ['limits.memoryMb', 1],
    ['limits.memoryMb', null],
    ['limits.outputMb', {}],
    ['reviewOnFinish', true],
    ['reviewOnFinish', 'never'],
  ] as const) {
    it(`name ${name} when it is ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => parsed({ [name]: value }),
        (error) => {
          assert.ok(error instanceof SettingError);
          assert.equal(error.code, 'bad-setting');
          assert.equal(error.setting, `offload.${name}`);
          assert.ok(error.message.includes(`offload.${name}`), error.message);
          assert.ok(error.fix);
          return true;
        },
      );
    });
  }

  it('are all declared', () => {
    assert.deepEqual(Object.keys(SETTINGS).sort(), [
      'interpreters',
      'limits.memoryMb',
      'limits.outputMb',
      'limits.wallSeconds',
      'reviewOnFinish',
    ]);
  });
});
