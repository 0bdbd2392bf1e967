import assert from 'node:assert/strict';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { lazySandbox } from '../../../src/core/targets/lazy-sandbox.ts';
import { OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';

describe('a sandbox that is opened when it is used', () => {
  const opened: { isDisposed: boolean }[] = [];
  let failing: ErrorCode | undefined;
  const open = (): Promise<Sandbox> => {
    const state = { isDisposed: false };
    opened.push(state);
    if (failing !== undefined) return Promise.reject(new OffloadError(failing, 'It fails.'));
    const sandbox: Partial<Sandbox> = {
      runs: () =>
        failing === undefined ? Promise.resolve([]) : Promise.reject(new OffloadError(failing, 'No.')),
      dispose: () => (state.isDisposed = true),
    };
    return Promise.resolve(sandbox as Sandbox);
  };

  beforeEach(() => {
    opened.length = 0;
    failing = undefined;
  });

  it('is opened once, and disposed with it', async () => {
    const sandbox = lazySandbox(open);
    assert.equal(opened.length, 0);
    await Promise.all([sandbox.runs(), sandbox.runs()]);
    assert.equal(opened.length, 1);
    sandbox.dispose();
    await new Promise(setImmediate);
    assert.deepEqual(opened, [{ isDisposed: true }]);
    await assert.rejects(sandbox.runs(), { code: 'internal' });
  });

  for (const code of ['no-credentials', 'login-expired', 'no-backend'] as const) {
    it(`is opened anew after ${code}, whether by opening or by a call`, async () => {
      const sandbox = lazySandbox(open);
      failing = code;
      await assert.rejects(sandbox.runs(), { code });
      failing = undefined;
      assert.deepEqual(await sandbox.runs(), []);
      failing = code;
      await assert.rejects(sandbox.runs(), { code });
      failing = undefined;
      assert.deepEqual(await sandbox.runs(), []);
      assert.equal(opened.length, 3);
    });
  }

  it('passes on all that a sandbox has, with what it is told', async () => {
    const called: unknown[][] = [];
    const told = (name: string) =>
      function* (...values: unknown[]) {
        called.push([name, ...values]);
        yield 'event';
      };
    const asked =
      (name: string) =>
      (...values: unknown[]) => {
        called.push([name, ...values]);
        return Promise.resolve(name);
      };
    const streams = ['submit', 'attach'];
    const calls = ['environment', 'cancel', 'input', 'missing', 'put', 'putWhole', 'runs', 'readBlob'];
    const real = Object.fromEntries([
      ...streams.map((name) => [name, told(name)]),
      ...calls.map((name) => [name, asked(name)]),
      ['dispose', () => called.push(['dispose'])],
    ]) as unknown as Sandbox;
    const sandbox = lazySandbox(() => Promise.resolve(real));
    assert.deepEqual(Object.keys(sandbox).sort(), Object.keys(real).sort());
    const lazy = sandbox as unknown as Record<string, (...values: unknown[]) => unknown>;
    for (const name of streams)
      for await (const event of lazy[name]?.(1, 2, 3, 4) as AsyncIterable<unknown>)
        assert.equal(event, 'event');
    for (const name of calls) await lazy[name]?.(1, 2, 3);
    sandbox.dispose();
    await new Promise(setImmediate);
    assert.deepEqual(
      called.map(([name]) => name),
      [...streams, ...calls, 'dispose'],
    );
    for (const [name = '', ...values] of called.slice(0, -1)) {
      // What a signature of it has, and no less.
      const length = {
        environment: 1,
        runs: 1,
        attach: 4,
        cancel: 2,
        submit: 2,
        missing: 2,
        put: 2,
        putWhole: 2,
      };
      const many = (length as Record<string, number>)[String(name)] ?? 3;
      assert.deepEqual(values, [1, 2, 3, 4].slice(0, many), String(name));
    }
  });

  it('is opened anew after whatever it could not be opened for', async () => {
    const sandbox = lazySandbox(open);
    failing = 'bad-setting';
    await assert.rejects(sandbox.runs(), { code: 'bad-setting' });
    failing = undefined;
    assert.deepEqual(await sandbox.runs(), []);
  });

  it('is not opened anew by what a call is refused for', async () => {
    const sandbox = lazySandbox(open);
    await sandbox.runs();
    failing = 'unknown-run';
    await assert.rejects(sandbox.runs(), { code: 'unknown-run' });
    failing = undefined;
    await sandbox.runs();
    assert.equal(opened.length, 1);
  });
});
