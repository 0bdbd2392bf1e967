import assert from 'node:assert/strict';
import { follow, type FollowStart } from '../../../src/core/run/follow.ts';
import { OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { FakeSandbox, type Connection } from './fake-sandbox.ts';

const RUN: FollowStart = { request: { runId: 'r' } as RunRequest };
const output = (seq: number): RunEvent => ({
  seq,
  time: seq,
  type: 'output',
  stream: 'stdout',
  text: String(seq),
});
const end = (seq: number): RunEvent => ({
  seq,
  time: seq,
  type: 'completed',
  exitCode: 0,
  usage: { wallMs: 0, outputBytes: 0 },
});
const error = (code: ErrorCode) => new OffloadError(code, code);

async function numbers(
  sandbox: FakeSandbox,
  start: FollowStart = RUN,
  signal?: AbortSignal,
): Promise<number[]> {
  const seen: number[] = [];
  for await (const { seq } of follow(sandbox, start, signal)) seen.push(seq);
  return seen;
}

describe('following a run', () => {
  it('gives its events and asks no more once it has ended', async () => {
    const sandbox = new FakeSandbox([output(1), output(2), end(3), output(4)]);
    assert.deepEqual(await numbers(sandbox), [1, 2, 3]);
    assert.deepEqual(sandbox.asked, ['submit']);
  });

  it('goes on from where it was when a connection ends without the run', async () => {
    const sandbox = new FakeSandbox([output(1), output(2)], [output(3)], [end(4)]);
    assert.deepEqual(await numbers(sandbox), [1, 2, 3, 4]);
    assert.deepEqual(sandbox.asked, ['submit', 'attach 2', 'attach 3']);
  });

  for (const code of ['interrupted', 'bad-frame'] as const) {
    it(`goes on after ${code} in mid-stream`, async () => {
      const sandbox = new FakeSandbox([output(1), error(code)], [end(2)]);
      assert.deepEqual(await numbers(sandbox), [1, 2]);
    });
  }

  it('waits for a backend that is not there when it comes back to a run', async () => {
    const sandbox = new FakeSandbox([output(1), error('interrupted')], [error('no-backend')], [end(2)]);
    assert.deepEqual(await numbers(sandbox), [1, 2]);
  });

  it('ends when there is nobody to carry out the run that it submits, though it was claimed', async () => {
    const sandbox = new FakeSandbox([output(1), error('no-backend')], [end(2)]);
    await assert.rejects(numbers(sandbox), { code: 'no-backend' });
    assert.deepEqual(sandbox.asked, ['submit']);
  });

  it('submits again when nothing of the run has come yet', async () => {
    const sandbox = new FakeSandbox([error('interrupted')], [], [output(1), end(2)]);
    assert.deepEqual(await numbers(sandbox), [1, 2]);
    assert.deepEqual(sandbox.asked, ['submit', 'submit', 'submit']);
  });

  it('begins after a number', async () => {
    const sandbox = new FakeSandbox([output(6), end(7)]);
    assert.deepEqual(await numbers(sandbox, { runId: 'r', after: 5 }), [6, 7]);
    assert.deepEqual(sandbox.asked, ['attach 5']);
  });

  it('passes over events that come again', async () => {
    const sandbox = new FakeSandbox(
      [output(1), output(1), output(2)],
      [output(1), output(2), output(3), end(4)],
    );
    assert.deepEqual(await numbers(sandbox), [1, 2, 3, 4]);
  });

  it('takes a gap for an interruption, and asks for what is missing', async () => {
    const sandbox = new FakeSandbox([output(1), output(3), end(4)], [output(2), output(3), end(4)]);
    assert.deepEqual(await numbers(sandbox), [1, 2, 3, 4]);
    assert.deepEqual(sandbox.asked, ['submit', 'attach 1']);
  });

  for (const code of ['bad-request', 'no-isolation', 'unauthorized', 'too-large', 'unknown-run'] as const) {
    it(`ends when it is refused with ${code}`, async () => {
      const sandbox = new FakeSandbox([error(code)]);
      await assert.rejects(numbers(sandbox), { code });
      assert.deepEqual(sandbox.asked, ['submit']);
    });
  }

  it('ends when there is no backend for a run that is not submitted yet', async () => {
    await assert.rejects(numbers(new FakeSandbox([error('no-backend')])), { code: 'no-backend' });
  });

  it('ends with the interruption where a run cannot be attached to', async () => {
    const sandbox = new FakeSandbox([output(1), error('interrupted')], [error('not-supported')]);
    await assert.rejects(numbers(sandbox), { code: 'interrupted' });
  });

  it('never ends well without the end of the run', async () => {
    const seen: number[] = [];
    const sandbox = new FakeSandbox([output(1)], ...Array.from({ length: 20 }, (): Connection => []));
    await assert.rejects(
      async () => {
        for await (const { seq } of follow(sandbox, RUN)) seen.push(seq);
      },
      { code: 'interrupted' },
    );
    assert.deepEqual(seen, [1]);
    assert(sandbox.asked.length > 3 && sandbox.asked.length < 15, String(sandbox.asked.length));
  });

  it('does not lose patience with a run that goes on between interruptions', async () => {
    const steps = Array.from({ length: 30 }, (_, i): Connection => [output(i + 1), error('interrupted')]);
    const sandbox = new FakeSandbox(...steps, [end(31)]);
    assert.equal((await numbers(sandbox)).length, 31);
  });

  it('leaves on the signal: in a stream, and while it waits to try again', async () => {
    const leaving = new AbortController();
    const seen: number[] = [];
    const streaming = new FakeSandbox([output(1), output(2), output(3)]);
    await assert.rejects(
      async () => {
        for await (const { seq } of follow(streaming, RUN, leaving.signal)) {
          seen.push(seq);
          if (seq === 2) leaving.abort();
        }
      },
      { name: 'AbortError' },
    );
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual(streaming.asked, ['submit']);

    const breaking = new FakeSandbox([output(1), error('interrupted')], [end(2)]);
    const broken = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _ of follow(breaking, RUN, broken.signal)) broken.abort();
      },
      { name: 'AbortError' },
    );
    assert.deepEqual(breaking.asked, ['submit']);

    const waiting = new FakeSandbox(...Array.from({ length: 9 }, () => [error('interrupted')]));
    const patience = new AbortController();
    const attempt = numbers(waiting, RUN, patience.signal);
    setTimeout(() => {
      patience.abort();
    }, 120);
    await assert.rejects(attempt, { name: 'AbortError' });
    assert(waiting.asked.length < 9);
  });
});
