import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { withHeartbeats } from '../../../backend/src/heartbeats.ts';

describe('heartbeats', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  });
  afterEach(() => {
    mock.timers.reset();
  });
  const never = new AbortController().signal;
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };

  it('come where nothing else does, without a number, and disturb nothing', async () => {
    let open: ((frame: string) => void) | undefined;
    async function* follow(): AsyncGenerator<Buffer, void, undefined> {
      yield Buffer.from('first\n');
      yield Buffer.from(await new Promise<string>((resolve) => (open = resolve)));
    }
    const frames = withHeartbeats(follow, never);
    assert.equal((await frames.next()).value?.toString(), 'first\n');
    for (const time of [6000, 11_000]) {
      const beat = frames.next();
      await turns();
      mock.timers.tick(4999);
      await turns();
      mock.timers.tick(1);
      assert.deepEqual(JSON.parse(String((await beat).value)), { type: 'heartbeat', time });
    }
    const second = frames.next();
    open?.('second\n');
    assert.equal((await second).value?.toString(), 'second\n');
    assert.equal((await frames.next()).done, true);
  });

  it('end with the reader, who is not held up', async () => {
    let left = false;
    async function* follow(signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
      yield Buffer.from('first\n');
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      left = true;
    }
    const frames = withHeartbeats(follow, never);
    await frames.next();
    const waiting = frames.next();
    await turns();
    mock.timers.tick(5000);
    await waiting;
    await frames.return();
    assert.equal(left, true);
  });

  it('end on the signal, though the follower hears nothing of it; of what it still gives nothing is lost', async () => {
    let open: ((frame: string) => void) | undefined;
    async function* follow(): AsyncGenerator<Buffer, void, undefined> {
      for (;;) yield Buffer.from(await new Promise<string>((resolve) => (open = resolve)));
    }
    const leaving = new AbortController();
    const frames = withHeartbeats(follow, leaving.signal);
    const last = frames.next();
    await turns();
    leaving.abort();
    mock.timers.tick(999);
    open?.('last\n');
    assert.equal((await last).value?.toString(), 'last\n');
    const none = frames.next();
    await turns();
    mock.timers.tick(1000);
    assert.equal((await none).done, true);
  });
});
