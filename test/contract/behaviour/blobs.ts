import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { MAX_HASHES, type PutPart } from '../../../src/protocol/request.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';
import { hashOf, wholePart } from '../../support/workspace/trees.ts';

export function describeBlobs(target: () => Target): void {
  describe('blobs', () => {
    const missing = (...contents: (string | Buffer)[]): Promise<string[]> =>
      target().sandbox.missing(contents.map(hashOf));
    const put = (...parts: PutPart[]): Promise<void> => target().sandbox.put(parts);
    /** A test for targets that keep what they are given; the others say that they do not. */
    const kept = (title: string, test: () => Promise<void>): void => {
      it(title, async () => {
        if (target().capabilities.attach) return test();
        await assert.rejects(missing('x'), { code: 'not-supported' });
        await assert.rejects(put(wholePart('x')), { code: 'not-supported' });
      });
    };
    const partsOf = (content: Buffer, ...cuts: number[]): PutPart[] =>
      [0, ...cuts].map((offset, index) => ({
        hash: hashOf(content),
        offset,
        base64: content.subarray(offset, cuts[index]).toString('base64'),
        last: index === cuts.length,
      }));

    kept('are missing until they are put, whole or in parts, and for every client', async () => {
      const [text, bytes] = [randomBytes(8).toString('hex'), randomBytes(1_000_000)];
      assert.deepEqual(await missing(text, bytes, text), [hashOf(text), hashOf(bytes)]);
      const [first, second, third] = partsOf(bytes, 300_000, 600_001);
      assert(first !== undefined && second !== undefined && third !== undefined);
      await put(first, wholePart(text));
      assert.deepEqual(await missing(text, bytes), [hashOf(bytes)]);
      await put(second);
      await put(third);
      assert.deepEqual(await missing(text, bytes, ''), [hashOf('')]);
      await put(wholePart(''), wholePart(''), wholePart(text));
      assert.deepEqual(await missing(text, bytes, ''), []);
    });

    kept('can be read as what a task of any run began with', async () => {
      const content = randomBytes(300_000);
      await put(wholePart(content));
      const { runId } = succeeded(await run(target(), 'bash', 'true'));
      assert.deepEqual(await target().sandbox.readBlob(runId, hashOf(content)), content);
      await assert.rejects(target().sandbox.readBlob(runId, hashOf('never put')), { code: 'unknown-blob' });
      await assert.rejects(target().sandbox.readBlob(newRunId(), hashOf(content)), { code: 'unknown-run' });
    });

    kept('come at once from several clients', async () => {
      const content = randomBytes(500_000);
      const send = async (): Promise<void> => {
        for (const part of partsOf(content, 100_000, 200_000, 300_000)) await put(part);
      };
      await Promise.all([send(), send(), put(wholePart(content)), send()]);
      assert.deepEqual(await missing(content), []);
    });

    kept('that are not what they are called are refused, and nothing of them stays', async () => {
      const content = randomBytes(100);
      const [first, second] = partsOf(content, 50);
      assert(first !== undefined && second !== undefined);
      await assert.rejects(put(second), { code: 'bad-request' });
      await assert.rejects(put(wholePart('other', hashOf(content))), {
        code: 'bad-request',
        fix: /send it again/,
      });
      await put(first);
      await assert.rejects(put({ ...second, offset: 51 }), { code: 'bad-request' });
      await assert.rejects(put(second), { code: 'bad-request' });
      assert.deepEqual(await missing(content), [hashOf(content)]);
      await put(first, second);
      assert.deepEqual(await missing(content), []);
    });

    kept('are asked for and brought by requests that say what they mean', async () => {
      const [part] = [wholePart('x')];
      for (const wrong of [
        { ...part, hash: '../../../etc/passwd' },
        { ...part, hash: hashOf('x').toUpperCase() },
        { ...part, offset: -1 },
        { ...part, offset: 0.5 },
        { ...part, base64: '*' },
        { ...part, last: undefined },
        { ...part, path: 'x' },
      ])
        await assert.rejects(put(wrong as PutPart), { code: 'bad-request' });
      await assert.rejects(target().sandbox.missing(['..']), { code: 'bad-request' });
      await assert.rejects(put(...Array.from({ length: MAX_HASHES + 1 }, () => part)), {
        code: 'bad-request',
      });
      await assert.rejects(put({ ...part, base64: 'A'.repeat(target().capabilities.maxRequestBytes) }), {
        code: 'too-large',
      });
      const many = Array.from({ length: MAX_HASHES + 1 }, (_, i) => hashOf(`never put ${String(i)}`));
      assert.deepEqual(await target().sandbox.missing(many), many);
    });
  });
}
