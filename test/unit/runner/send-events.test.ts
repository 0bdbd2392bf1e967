import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { mock } from 'node:test';
import { sendEvents } from '../../../backend/src/runner/send-events.ts';

const line = (seq: number, type: string): Buffer =>
  Buffer.from(`${JSON.stringify({ seq, time: 1, type })}\n`);

describe('the reader of a run', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  /** Sends three events to a reader that takes one when it is told to. */
  function sent() {
    const seen: string[] = [];
    let take = (): void => undefined;
    const response = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        take = () => {
          seen.push(chunk.toString());
          done();
        };
      },
    });
    async function* frames(): AsyncGenerator<Buffer, void, undefined> {
      await Promise.resolve();
      yield line(2, 'output');
      yield line(3, 'completed');
    }
    let keep = (): void => undefined;
    const whole = new Promise<void>((resolve) => (keep = resolve));
    let isLeft: boolean | undefined;
    const first = { done: false, value: line(1, 'phase') } as const;
    const sending = sendEvents(first, frames(), response, { taken: Promise.resolve(), whole });
    void sending.then((is) => (isLeft = is));
    return { response, seen, take: () => take(), keep: () => keep(), isLeft: () => isLeft };
  }

  it('is left where it takes nothing any more once all is stored', async () => {
    const { response, seen, take, keep, isLeft } = sent();
    await turns();
    // As long as it is not stored, nobody is held up.
    mock.timers.tick(60_000);
    take();
    await turns();
    keep();
    await turns();
    mock.timers.tick(9999);
    await turns();
    assert.equal(isLeft(), undefined);
    mock.timers.tick(1);
    await turns();
    assert.equal(isLeft(), true);
    // The runtime client would end the process, which has work to do yet.
    assert(!response.destroyed);
    assert.deepEqual(seen, [line(1, 'phase').toString()]);
  });

  it('has all of it where it is slow', async () => {
    const { seen, take, keep, isLeft } = sent();
    keep();
    for (let times = 0; times < 3; times++) {
      await turns();
      mock.timers.tick(9000);
      take();
    }
    await turns();
    assert.equal(isLeft(), false);
    assert.equal(seen.length, 3);
  });
});
