import assert from 'node:assert/strict';
import { hourlyCost, runCost } from '../../../src/core/targets/cost.ts';
import { TASK_SECONDS, taskRequest } from '../../../src/core/task/task.ts';
import { fittingLimits, holdsNetwork, withoutDefaults } from '../../../src/core/targets/fit.ts';
import { editorWords } from '../../../src/editor/report/editor-words.ts';
import { checkCapabilities } from '../../../src/protocol/check-capabilities.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import type { Network } from '../../../src/protocol/network.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';
import { costText } from '../../../src/protocol/usage.ts';

const can = (change: Partial<Capabilities> = {}): Capabilities => ({
  target: 'lambda',
  isolation: { kind: 'process', available: true, detail: '' },
  languages: ['python'],
  network: ['open'],
  limits: ['wallSeconds', 'outputBytes'],
  maxWallSeconds: 880,
  maxRequestBytes: 1,
  attach: true,
  cancel: true,
  hostInterpreters: false,
  ...change,
});

describe('what fits a target', () => {
  it('is of the limits those that it holds, and no longer than it takes', () => {
    const usual = { wallSeconds: 1800, memoryBytes: 1, outputBytes: 5 };
    assert.deepEqual(fittingLimits(usual, can()), { wallSeconds: 880, outputBytes: 5 });
    const longer = can({ maxTaskWallSeconds: 1000 });
    assert.equal(fittingLimits(usual, longer, 'task').wallSeconds, 1000);
    assert.equal(fittingLimits(usual, longer, 'run').wallSeconds, 880);
    const { maxWallSeconds: _, ...unbounded } = can();
    assert.equal(fittingLimits(usual, unbounded).wallSeconds, 1800);
    assert.equal(fittingLimits({ wallSeconds: 60 }, can()).wallSeconds, 60);
  });

  it('is for a task with credentials the time of one function, and is taken there', () => {
    const there = can({
      ...{ maxTaskWallSeconds: 14_400, agents: ['claude-code'] },
      limits: ['wallSeconds', 'cpuSeconds'],
    });
    const drafted = (hasCredentials: boolean) =>
      taskRequest({
        ...{ prompt: 'look', agent: { id: 'claude-code' }, network: 'open' },
        limits: fittingLimits({ wallSeconds: TASK_SECONDS }, there, 'task', hasCredentials),
      });
    checkCapabilities({ ...drafted(true), credentials: {} }, there);
    checkCapabilities(drafted(false), there);
    assert.deepEqual(
      [true, false].map((has) => drafted(has).limits.wallSeconds),
      [880, TASK_SECONDS],
    );
    assert.throws(() => checkCapabilities({ ...drafted(false), credentials: {} }, there), {
      code: 'not-supported',
      message: /a task of 3600 s with credentials for AWS/,
    });
  });

  it('is of the agents those that it has, or says why it has none', () => {
    const refusal = (agents: string[]) => (): void => {
      const there = can({ agents, isolation: { kind: 'process', available: true, detail: 'no sockets' } });
      checkCapabilities(taskRequest({ prompt: 'look', agent: { id: 'acp' }, network: 'open' }), there);
    };
    const code = 'not-supported';
    assert.throws(refusal(['claude-code', 'opencode']), { code, fix: 'Choose claude-code or opencode.' });
    assert.throws(refusal([]), { code, fix: 'no sockets' });
  });

  it('is told with the option that asks for what there is', () => {
    const closed = { ...taskRequest({ prompt: 'look', agent: { id: 'acp' } }), limits: {} };
    assert.throws(
      () => {
        checkCapabilities(closed, can());
      },
      ({ fix = '' }: OffloadError) => {
        assert.match(fix, /open to the network \(--network open\)\.$/);
        assert.match(editorWords(fix), /open to the network \(the setting offload\.network\)\.$/);
        return true;
      },
    );
  });

  it('is as much memory as it has at most', () => {
    const place = can({ limits: ['memoryBytes'], maxMemoryBytes: 100 });
    assert.deepEqual(fittingLimits({ memoryBytes: 200 }, place), { memoryBytes: 100 });
    assert.deepEqual(fittingLimits({ memoryBytes: 50 }, place), { memoryBytes: 50 });
  });

  it('is what differs from what would be anyway', () => {
    const { wallSeconds, memoryBytes } = LIMITS;
    assert.deepEqual(withoutDefaults({ wallSeconds: wallSeconds.default, memoryBytes: memoryBytes.max }), {
      memoryBytes: memoryBytes.max,
    });
    assert.deepEqual(withoutDefaults({}), {});
  });

  it('is a network that it can hold', () => {
    const hosts = { allow: ['example.org'] };
    const networks: Network[] = ['closed', 'open', hosts, { allow: [] }];
    const held = (change: Partial<Capabilities>) =>
      networks.map((network) => holdsNetwork(network, can(change)));
    assert.deepEqual(held({}), [false, true, false, false]);
    assert.deepEqual(held({ network: ['closed', 'open'], networkAllow: true }), [true, true, true, true]);
    assert.deepEqual(held({ network: ['closed'] }), [true, false, false, true]);
  });
});

describe('about what a run costs', () => {
  const end = {
    ...({ type: 'completed', seq: 9, time: 3_600_000, exitCode: 0 } as const),
    usage: { wallMs: 1000, outputBytes: 0 },
  };

  it('goes by the memory and by the time since it was taken on', () => {
    const hour = hourlyCost({ memory: 2048, architecture: 'arm64' });
    assert.ok(hour !== undefined && hour > 0.11 && hour < 0.13, String(hour));
    assert.equal(runCost({ end, phaseTimes: { queued: 0, running: 1_800_000 } }, 0.12), 0.12);
    assert.equal(runCost({ end, phaseTimes: {} }, 3.6), 0.001);
    assert.equal(runCost({ end: undefined, phaseTimes: {} }, 3.6), 0);
  });

  it('is not said where nobody knows the memory', () => {
    assert.equal(hourlyCost({ memory: 2048 }), undefined);
    assert.equal(hourlyCost({ architecture: 'arm64' }), undefined);
  });

  it('has the digits that count', () => {
    assert.deepEqual([0, 0.000_001, 0.000_123_4, 0.0456, 1.234].map(costText), [
      '$0.00',
      '$0.00001',
      '$0.00012',
      '$0.046',
      '$1.23',
    ]);
  });
});
