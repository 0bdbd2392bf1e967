import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLostJournal, lastEvent, readJournal } from '../../../backend/src/journal/ended-journal.ts';
import { Journal } from '../../../backend/src/journal/journal.ts';
import type { EventBody } from '../../../src/protocol/event.ts';

const usage = { wallMs: 0, outputBytes: 0 };
const output = (text: string): EventBody => ({ type: 'output', stream: 'stdout', text });
const END: EventBody = { type: 'completed', exitCode: 0, usage };

describe('a journal', () => {
  let folder: string;
  let path: string;
  const never = new AbortController().signal;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'j-'));
    path = join(folder, 'journal');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  interface Line {
    seq: number;
    type: string;
    text?: string;
  }
  /** The lines of a stream. Its memory is used again, so each is copied at once. */
  const lines = async (stream: AsyncIterable<Buffer>): Promise<Line[]> => {
    let text = '';
    for await (const chunk of stream) {
      assert.equal(chunk.at(-1), 10, 'whole lines alone');
      text += chunk.toString('utf8');
    }
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  };
  const written = (): Line[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const seqs = (all: Line[]): number[] => all.map(({ seq }) => seq);
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it('has an event in its file before anyone is told of it', async () => {
    const journal = new Journal(path);
    const follower = journal.follow(0, never);
    const first = follower.next();
    journal.append(output('a'));
    assert.partialDeepStrictEqual(written(), [{ seq: 1, type: 'output', text: 'a' }]);
    assert.equal((await first).value?.toString(), readFileSync(path, 'utf8'));
    await follower.return();
    journal.append(END);
  });

  it('is followed from any number while it grows', async () => {
    const journal = new Journal(path);
    const followers = range(0, 12).map((after) => lines(journal.follow(after, never)));
    for (let i = 1; i <= 9; i++) {
      journal.append(output(`${'€'.repeat(i)}\n`));
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    journal.append(END);
    for (const [after, follower] of followers.entries())
      assert.deepEqual(seqs(await follower), range(after + 1, 10));
  });

  it('is followed through lines longer than what is read at once', async () => {
    const journal = new Journal(path);
    const follower = lines(journal.follow(1, never));
    const texts = ['x', 'y'.repeat(300_000), 'z', '\u0000'.repeat(200_000), '€'.repeat(1_000_000)];
    for (const text of texts) journal.append(output(text));
    journal.append(END);
    const seen = await follower;
    assert.deepEqual(seqs(seen), range(2, 6));
    assert(seen.every(({ text }, i) => text === (texts[i + 1] ?? undefined)));
    assert.deepEqual(await lines(readJournal(path, 1, never)), seen);
  });

  it('is followed through what comes fast, long and short', async () => {
    const journal = new Journal(path);
    const follower = lines(journal.follow(0, never));
    const texts = range(1, 300).map((i) => `${String(i)} ${'ä'.repeat((i % 7) * 5000)}`);
    for (const text of texts) await journal.appendFast(output(text));
    await journal.drained();
    journal.append(END);
    const seen = await follower;
    assert.deepEqual(seqs(seen), range(1, 301));
    assert(texts.every((text, i) => seen[i]?.text === text));
    assert.deepEqual(written(), seen);
  });

  it('has one end: what comes after is not written', async () => {
    const journal = new Journal(path);
    journal.append(END);
    journal.append(output('late'));
    journal.append({ type: 'cancelled', usage });
    assert.deepEqual(
      written().map(({ type }) => type),
      ['completed'],
    );
    assert.equal(journal.ended, true);
    assert.deepEqual(seqs(await lines(journal.follow(0, never))), [1]);
  });

  it('lets a follower go who leaves while nothing happens', async () => {
    const journal = new Journal(path);
    journal.append(output('a'));
    const leaving = new AbortController();
    const follower = lines(journal.follow(0, leaving.signal));
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    assert.deepEqual(seqs(await follower), [1]);
    journal.append(END);
  });

  it('ends its followers when it is given up', async () => {
    const journal = new Journal(path);
    const follower = lines(journal.follow(0, never));
    journal.append(output('a'));
    journal.abandon();
    assert.deepEqual(seqs(await follower), [1]);
  });

  it('is no file that was there before', () => {
    writeFileSync(path, '');
    assert.throws(() => new Journal(path), { code: 'EEXIST' });
  });

  describe('whose writer is gone', () => {
    beforeEach(() => {
      const journal = new Journal(path);
      journal.append(output('first'));
      journal.append(output('zweite €'));
      journal.abandon();
    });
    const LOST = { type: 'failed', error: { code: 'backend-lost' } };

    it('gets an end', async () => {
      await endLostJournal(path);
      assert.partialDeepStrictEqual(written(), [{ seq: 1 }, { seq: 2 }, { seq: 3, ...LOST }]);
      assert.partialDeepStrictEqual(lastEvent(path), { seq: 3, type: 'failed' });
    });

    it('gets its end once, also from several at the same time', async () => {
      await Promise.all(Array.from({ length: 8 }, () => endLostJournal(path)));
      await endLostJournal(path);
      assert.partialDeepStrictEqual(written(), [{ seq: 1 }, { seq: 2 }, { seq: 3, ...LOST }]);
      assert.equal(written().length, 3);
    });

    it('keeps the end that it has', async () => {
      await endLostJournal(path);
      const before = readFileSync(path, 'utf8');
      await endLostJournal(path);
      assert.equal(readFileSync(path, 'utf8'), before);
    });

    it('loses a torn line, wherever it is torn, and nothing else', async () => {
      const whole = readFileSync(path);
      const first = whole.indexOf(10) + 1;
      for (let size = 0; size < whole.length; size++) {
        writeFileSync(path, whole);
        truncateSync(path, size);
        assert.deepEqual(seqs(await lines(readJournal(path, 0, never))), size < first ? [] : [1]);
        await endLostJournal(path);
        const kept = size < first ? [] : [{ seq: 1, text: 'first' }];
        assert.partialDeepStrictEqual(written(), [...kept, { seq: kept.length + 1, ...LOST }]);
      }
    });

    it('loses a torn line that is long', async () => {
      appendFileSync(path, `{"seq":3,"text":"${'x'.repeat(500_000)}`);
      await endLostJournal(path);
      assert.deepEqual(seqs(written()), [1, 2, 3]);
      assert(statSync(path).size < 1000);
    });
  });

  it('has no last event when it is empty', () => {
    writeFileSync(path, '');
    assert.equal(lastEvent(path), undefined);
    writeFileSync(path, '{"seq":1');
    assert.equal(lastEvent(path), undefined);
  });
});
