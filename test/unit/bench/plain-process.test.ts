import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { timedProcess } from '../../../bench/plain-process.ts';

const node = (code: string) => ({ file: process.execPath, args: ['-e', code], cwd: tmpdir(), env: {} });

describe('a plain process', () => {
  it('is timed from its start to its first byte and to its end, and its output counted', async () => {
    const { ms, firstMs, bytes } = await timedProcess(
      node('console.log("now"); setTimeout(() => console.log("later"), 500)'),
    );
    assert.equal(bytes, 'now\nlater\n'.length);
    assert.ok(firstMs > 0 && ms - firstMs > 100, `${String(firstMs)} ms, ${String(ms)} ms`);
  });

  it('that fails is a failure, in its own words', async () => {
    await assert.rejects(
      timedProcess(node('console.error("out of paper"); process.exit(3)')),
      /3: out of paper/,
    );
  });

  it('that says nothing has no first byte', async () => {
    assert.ok(Number.isNaN((await timedProcess(node(''))).firstMs));
  });
});
