import assert from 'node:assert/strict';
import {
  CLOSED_SEGMENTS,
  EVERY_SECOND,
  sparingPace,
} from '../../../backend/src/store/journal/segment-pace.ts';

const SECOND = 1000;
const MB = 1024 * 1024;

describe('the pace of a journal with a number of segments', () => {
  /**
   * Segments that a run takes, by a clock of its own, that writes so much each second.
   * @returns how many there were when it ended, its own among them, and how long a line waited at most
   */
  function written(seconds: number, bytesPerSecond: number): { segments: number; waited: number } {
    let now = 0;
    // One is written to take the run.
    let segments = 1;
    const pace = sparingPace(
      () => segments,
      () => seconds * SECOND - now,
    );
    let [bytes, since, waited] = [0, 0, 0];
    for (; now < seconds * SECOND; now += 100) {
      bytes += bytesPerSecond / 10;
      if (bytes === 0) since = now;
      const interval = pace.interval();
      const due = interval !== undefined && now - since >= interval;
      if (bytes < pace.full() && bytes <= pace.most() && !due) continue;
      waited = Math.max(waited, now - since);
      segments++;
      [bytes, since] = [0, now];
    }
    return { segments: segments + 1, waited };
  }

  it('is enough for the longest run, and leaves nobody waiting long', () => {
    for (const perSecond of [1, 1000, 100_000, MB]) {
      const { segments, waited } = written(880, perSecond);
      assert(segments <= CLOSED_SEGMENTS, `${String(perSecond)}: ${String(segments)}`);
      assert(segments > CLOSED_SEGMENTS / 2, `${String(perSecond)}: ${String(segments)}`);
      assert(waited <= 20 * SECOND, `${String(perSecond)}: ${String(waited)}`);
    }
  });

  it('is enough for the largest journal, and leaves one for the end whatever comes', () => {
    // 64 MB of output in characters that take six in JSON.
    assert(written(60, (64 * 6 * MB) / 60).segments < CLOSED_SEGMENTS);
    assert.equal(written(880, 50 * MB).segments, CLOSED_SEGMENTS);
  });

  it('is that of other runs for a short one', () => {
    const pace = sparingPace(
      () => 20,
      () => 880 * SECOND,
    );
    for (const name of ['interval', 'full', 'most'] as const)
      assert.equal(pace[name](), EVERY_SECOND[name]());
  });
});
