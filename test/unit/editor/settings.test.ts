import assert from 'node:assert/strict';
import { SettingError } from '../../../src/editor/settings/setting.ts';
import { parseTaskSettings, TASK_SETTINGS } from '../../../src/editor/settings/task-settings.ts';
import { parseSettings, SETTINGS } from '../../../src/editor/settings/settings.ts';

const parsed = (values: Record<string, unknown>) => parseSettings((name) => values[name]);

describe('the settings', () => {
  it('have defaults', () => {
    assert.deepEqual(parsed({}), {
      interpreters: {},
      limits: { wallSeconds: 600, memoryBytes: 2048 * 1024 * 1024, outputBytes: 64 * 1024 * 1024 },
      network: 'closed',
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
      'network',
      'reviewOnFinish',
    ]);
  });
});

describe('the network of the settings', () => {
  const networks = (text?: string) => [
    parseSettings((name) => (name === 'network' ? text : undefined)).network,
    parseTaskSettings((name) => (name === 'task.network' ? text : undefined)).defaults.network,
  ];

  it('is closed by default, and by what says nothing', () => {
    for (const text of [undefined, '', ' ', 'closed']) assert.deepEqual(networks(text), ['closed', 'closed']);
  });

  it('is open, or a list of hosts, of which each may have a port', () => {
    assert.deepEqual(networks('open'), ['open', 'open']);
    const allow = ['pypi.org', '*.example.org:8443'];
    assert.deepEqual(networks('PyPI.org, *.example.org:8443'), [{ allow }, { allow }]);
  });
});

describe('the settings of tasks', () => {
  const task = (values: Record<string, unknown>) => parseTaskSettings((name) => values[name]);

  it('have defaults that bound a task, and ask for nothing that they need not', () => {
    const { defaults, programs, provider } = task({});
    assert.deepEqual(defaults, {
      agent: 'claude-code',
      budget: { usd: 5, turns: 200 },
      minutes: 60,
      network: 'closed',
      files: 'workspace',
      execute: false,
    });
    assert.equal(provider, 'anthropic');
    assert.deepEqual(new Set(Object.values(programs)), new Set(['']));
  });

  it('are taken without the blanks around them', () => {
    const { defaults } = task({
      'task.model': ' m ',
      'task.check': ' make test\n',
      'task.instructions': '  ',
    });
    assert.deepEqual([defaults.model, defaults.check, defaults.instructions], ['m', 'make test', undefined]);
  });

  for (const [name, value] of [
    ['task.agent', ''],
    ['task.agent', 7],
    ['task.model', ['m']],
    ['task.budgetUsd', '5'],
    ['task.budgetUsd', 0],
    ['task.budgetUsd', -1],
    ['task.budgetUsd', Number.NaN],
    ['task.maxTurns', 1.5],
    ['task.minutes', 1441],
    ['task.network', 'all'],
    ['task.network', ['example.org']],
    ['task.network', 'https://example.org'],
    ['task.check', true],
    ['task.execute', 'yes'],
    ['task.toolServers', { a: { command: 'x' } }],
    ['task.toolServers', { 'a b': { command: 'x', args: [], env: {} } }],
    ['task.provider', 'openai'],
    ['task.baseUrl', 'localhost:8080'],
    ['task.baseUrl', 'file:///etc/passwd'],
    ['task.baseUrl', 'https://user:made-up@example.com'],
    ['task.baseUrl', 'https://example.com/?key=made-up'],
    ['task.bedrock.region', 'Frankfurt'],
    ['agents.claude-code.path', 'claude'],
    ['agents.opencode.path', 1],
  ] as const) {
    it(`name ${name} when it is ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => task({ [name]: value }),
        (error) => {
          assert.ok(error instanceof SettingError);
          assert.equal(error.setting, `offload.${name}`);
          assert.doesNotMatch(error.message, /made-up/);
          return true;
        },
      );
    });
  }

  it('take an address with a path, and a region', () => {
    const values = { 'task.baseUrl': 'http://127.0.0.1:8080/v1', 'task.bedrock.region': 'us-gov-west-1' };
    const { baseUrl, bedrockRegion } = task(values);
    assert.deepEqual([baseUrl, bedrockRegion], Object.values(values));
    assert.ok('task.baseUrl' in TASK_SETTINGS);
  });
});
