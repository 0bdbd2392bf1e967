import assert from 'node:assert/strict';
import { OffloadError } from '../../../src/protocol/error.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import { endLost } from '../../../backend/src/store/journal/end-lost.ts';
import { Fenced, SegmentWriter } from '../../../backend/src/store/journal/segment-writer.ts';
import { SegmentReader } from '../../../backend/src/store/journal/segment-reader.ts';
import { parseSegment } from '../../../backend/src/store/journal/segment.ts';
import { runKeys } from '../../../backend/src/store/run-keys.ts';
import type { GetOptions } from '../../../backend/src/store/store.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { seeded } from '../../support/store/seeded.ts';
import { SteppedStore, type Fate } from '../../support/store/stepped-store.ts';

interface Line {
  seq: number;
  type: string;
  by?: string;
}

const linesOf = (bytes: Buffer): Line[] =>
  bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

/** One history of a run: who does what, in which order, and what befalls them follows from the seed. */
class History {
  readonly runId = newRunId();
  readonly keys = runKeys(this.runId);
  readonly store = new SteppedStore();
  readonly random: () => number;
  /** What each writer was told is stored, in order. */
  readonly acknowledged = new Map<string, Line[]>();
  /** What each reader has read. */
  readonly read = new Map<string, Line[]>();
  readonly failures: unknown[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  start(name: string, work: (name: string) => Promise<void>): void {
    work(name).catch((error: unknown) => {
      // Whoever hears nothing from the store ends as one that is killed does.
      const lost = error instanceof OffloadError && error.code === 'interrupted';
      if (!(error instanceof Fenced) && !lost) this.failures.push(error);
    });
  }

  /** Writes an epoch as a runner does: takes it, then adds events from a number on, and the end. */
  writer = (epoch: number, from: number) => async (name: string) => {
    const told: Line[] = [];
    this.acknowledged.set(name, told);
    const writer = new SegmentWriter(this.store.as(name), this.keys, epoch);
    await writer.append(Buffer.alloc(0));
    const last = from + Math.floor(this.random() * 8);
    for (let seq = from; seq <= last;) {
      const events: Line[] = [];
      for (const until = Math.min(last, seq + Math.floor(this.random() * 3)); seq <= until; seq++)
        events.push({ seq, type: seq === last ? 'completed' : 'output', by: name });
      await writer.append(Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join('')));
      told.push(...events);
    }
  };

  /** Reads on, and now and then takes the writer for lost: ends the run, or goes on with it in another epoch. */
  attacher = (impatience: number, goesOn: boolean) => async (name: string) => {
    const read: Line[] = [];
    this.read.set(name, read);
    const reader = new SegmentReader(this.store.as(name), this.keys);
    for (let looks = 0; looks < 60; looks++) {
      if (reader.ended) return;
      const segment = await reader.next();
      if (segment !== undefined) read.push(...linesOf(segment.lines));
      else if (this.random() < impatience) {
        const { epoch, index, seq } = reader.position;
        if (!goesOn)
          await endLost(this.store.as(name), this.runId, this.keys, reader.position, { claimed: 0, now: 0 });
        else if (index > 1) {
          await new SegmentWriter(this.store.as(name), this.keys, epoch, index).fence(epoch + 1);
          await this.writer(epoch + 1, seq + 1)(name);
        } else await this.writer(epoch, seq + 1)(name);
      }
    }
  };
}

describe('a journal of segments', () => {
  it('has one end and no gaps, whoever writes it, in whatever order, and whoever is killed', async () => {
    const seen = { ends: new Set<string>(), killed: 0, lost: 0, epochs: 0 };
    for (let seed = 1; seed <= 400; seed++) {
      const history = new History(seed);
      const { random, store, keys } = history;
      const fateOf = (name: string): Fate => {
        const chance = random();
        if (name === 'last') return 'done';
        if (chance < 0.03) return seen.killed++ % 2 === 0 ? 'killed before' : 'killed after';
        if (chance < 0.035 && seen.lost++ >= 0) return 'answer lost';
        return 'done';
      };
      const choose = (count: number) => Math.floor(random() * count);
      history.start('one', history.writer(1, 1));
      history.start('two', history.writer(1, 1));
      history.start('patient', history.attacher(0.02, false));
      history.start('hasty', history.attacher(0.3, false));
      history.start('goes on', history.attacher(0.2, true));
      await store.run(choose, fateOf, 5);
      history.start('last', history.attacher(1, false));
      await store.run(choose, () => 'done', 120);
      assert.deepEqual(history.failures, [], `seed ${String(seed)}`);

      const final: Line[] = [];
      const reader = new SegmentReader({ get: (key) => Promise.resolve(store.objects.get(key)) }, keys);
      for (let next = await reader.next(); next !== undefined; next = await reader.next())
        final.push(...linesOf(next.lines));
      const told = JSON.stringify({ seed, final });
      assert(reader.ended, told);
      assert.deepEqual(
        final.map(({ seq }) => seq),
        final.map((_, index) => index + 1),
        told,
      );
      assert.deepEqual(final.filter(isTerminal), final.slice(-1), told);
      for (const [name, lines] of history.acknowledged) {
        const kept = final.filter(({ by }) => by === name);
        assert.deepEqual(kept.slice(0, lines.length), lines, `${name}: ${told}`);
      }
      for (const [name, lines] of history.read)
        assert.deepEqual(lines, final.slice(0, lines.length), `${name}: ${told}`);
      seen.ends.add(final.at(-1)?.type ?? '');
      seen.epochs = Math.max(seen.epochs, reader.position.epoch);
    }
    assert.deepEqual([...seen.ends].sort(), ['completed', 'failed']);
    assert(seen.killed > 100 && seen.lost > 20 && seen.epochs > 2, JSON.stringify(seen.epochs));
  });

  it('is read the same where somebody wrote what is no segment', async () => {
    const history = new History(1);
    const { store, keys } = history;
    const put = (epoch: number, index: number, text: string) => {
      const bytes = Buffer.from(text);
      store.objects.set(keys.segment(epoch, index), { bytes, etag: '1', modified: 0 });
    };
    put(1, 1, '{"writer":"a"}\n{"seq":1,"type":"phase"}\n');
    put(1, 2, '{"writer":"a"}\n{"seq":7,"type":"completed"}\n');
    put(1, 3, '{"writer":"a"}\n{"seq":2,"type":"completed"}\n');
    const read: Line[] = [];
    history.read.set('reader', read);
    history.start('reader', history.attacher(1, false));
    await store.run(
      () => 0,
      () => 'done',
    );
    const lines = history.read.get('reader') ?? [];
    assert.deepEqual(
      lines.map(({ seq, type }) => [seq, type]),
      [
        [1, 'phase'],
        [2, 'failed'],
      ],
    );
  });

  it('goes on in the next epoch after a segment that is too large to be one', async () => {
    const keys = runKeys(newRunId());
    const end = Buffer.from('{"writer":"a"}\n{"seq":1,"type":"failed"}\n');
    const get = (key: string, { maxBytes = 0 }: GetOptions = {}) => {
      if (key === keys.segment(1, 1)) {
        assert(maxBytes > 0);
        return Promise.reject(new OffloadError('too-large', 'too much'));
      }
      return Promise.resolve(key === keys.segment(2, 1) ? { bytes: end, etag: '1', modified: 0 } : undefined);
    };
    const reader = new SegmentReader({ get }, keys);
    assert.equal((await reader.next())?.terminal, true);
  });

  it('is asked for where there is more of it: a short one by as many requests as it has segments', async () => {
    const keys = runKeys(newRunId());
    for (const [segments, most] of [
      [1, 1],
      [2, 2],
      [40, 48],
    ] as const) {
      const kept = new Map<string, Buffer>();
      for (let index = 1; index <= segments; index++) {
        const type = index === segments ? 'completed' : 'phase';
        kept.set(
          keys.segment(1, index),
          Buffer.from(`{"writer":"a"}\n{"seq":${String(index)},"type":"${type}"}\n`),
        );
      }
      let asked = 0;
      let [atOnce, mostAtOnce] = [0, 0];
      const get = async (key: string) => {
        asked++;
        mostAtOnce = Math.max(mostAtOnce, ++atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce--;
        const bytes = kept.get(key);
        return bytes && { bytes, etag: '1', modified: 0 };
      };
      const reader = new SegmentReader({ get }, keys);
      while ((await reader.next()) !== undefined);
      assert(reader.ended);
      assert(asked <= most, `${String(asked)} for ${String(segments)}`);
      assert.equal(mostAtOnce, segments === 40 ? 8 : 1);
    }
  });

  it('has segments that are whole lines, numbered on, with nothing after the end', () => {
    const first = '{"writer":"a"}\n';
    const good = parseSegment(Buffer.from(`${first}{"seq":5,"type":"x"}\n{"seq":6,"type":"failed"}\n`), 4);
    assert.partialDeepStrictEqual(good, { seq: 6, terminal: true });
    for (const wrong of [
      '',
      '{"seq":5,"type":"x"}\n',
      first + '{"seq":5,"type":"x"}',
      first + '{"seq":6,"type":"x"}\n',
      first + '{"seq":5,"type":"failed"}\n{"seq":6,"type":"x"}\n',
      first + '[]\n',
      first + '\n',
      '{"writer":"a","fence":2}\n{"seq":5,"type":"x"}\n',
      '{"writer":"a","fence":-1}\n',
    ])
      assert.equal(parseSegment(Buffer.from(wrong), 4), undefined, wrong);
  });
});
