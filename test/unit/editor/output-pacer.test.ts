import assert from 'node:assert/strict';
import { OutputPacer } from '../../../src/editor/terminal/output-pacer.ts';

/** A pacer and what it wrote. */
function paced() {
  const written: string[] = [];
  const pacer = new OutputPacer({
    write: (text) => written.push(text),
    gap: (chars) => `<${String(chars)} left out>`,
  });
  return { pacer, written };
}

describe('the pace of output to a terminal', () => {
  it('writes the first text at once and all texts in order', async () => {
    const { pacer, written } = paced();
    pacer.start();
    pacer.push('a');
    assert.deepEqual(written, ['a']);
    pacer.push('b');
    pacer.push('c');
    assert.deepEqual(written, ['a']);
    await pacer.drained();
    assert.equal(written.join(''), 'abc');
  });

  it('writes several texts in one frame', async () => {
    const { pacer, written } = paced();
    pacer.start();
    for (let i = 0; i < 1000; i++) pacer.push('line\n');
    await pacer.drained();
    assert.equal(written.join(''), 'line\n'.repeat(1000));
    assert.ok(written.length <= 3, `${String(written.length)} writes`);
  });

  it('holds what comes before the terminal is there', async () => {
    const { pacer, written } = paced();
    pacer.push('early');
    assert.deepEqual(written, []);
    pacer.start();
    await pacer.drained();
    assert.deepEqual(written, ['early']);
  });

  for (const [when, begin] of [
    ['before the terminal is there', () => undefined],
    [
      'right after it is there',
      (pacer: OutputPacer) => {
        pacer.start();
      },
    ],
  ] as const) {
    it(`shows the beginning of a flood that comes ${when}`, async () => {
      const { pacer, written } = paced();
      begin(pacer);
      pacer.push('heading\n');
      pacer.push('first\n');
      for (let i = 0; i < 100; i++) pacer.push('x'.repeat(64 * 1024));
      pacer.start();
      await pacer.drained();
      assert.match(written.join(''), /^heading\nfirst\n/);
      assert.match(written.join(''), /left out/);
    });
  }

  it('leaves out the middle of too much, says how much, and shows the beginning and the end', async () => {
    const { pacer, written } = paced();
    pacer.start();
    pacer.push('first\n');
    const line = `${'x'.repeat(99)}\n`;
    for (let i = 0; i < 100_000; i++) pacer.push(line);
    pacer.push('last\n');
    await pacer.drained();
    const shown = written.join('');
    const [, leftOut = ''] = /<(\d+) left out>/.exec(shown) ?? [];
    assert.match(shown, /^first\n/);
    assert.match(shown, /last\n$/);
    const kept = shown.replace(/<\d+ left out>/g, '').length;
    assert.equal(Number(leftOut) + kept, 'first\n'.length + 100_000 * line.length + 'last\n'.length);
    assert.ok(kept < 2_000_000, `${String(kept)} characters kept`);
    assert.equal(shown.split('left out').length, 2, 'one gap');
  });

  it('writes a text that is larger than a frame whole', async () => {
    const { pacer, written } = paced();
    pacer.start();
    pacer.push('a');
    pacer.push('x'.repeat(500_000));
    await pacer.drained();
    assert.equal(written.join('').length, 500_001);
  });

  it('writes nothing after its end and keeps nobody waiting', async () => {
    const { pacer, written } = paced();
    pacer.start();
    pacer.push('a');
    pacer.push('b');
    const drained = pacer.drained();
    pacer.dispose();
    await drained;
    pacer.push('c');
    await pacer.drained();
    assert.deepEqual(written, ['a']);
  });
});
