import { createReadStream, statSync } from 'node:fs';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { ContentsIndex } from '../../../src/protocol/lambda.ts';
import type { KeptContent } from '../runs/kept-content.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** Bytes that S3 takes in one request. */
const MAX_BYTES = 5 * 1024 ** 3;

/** Has the contents of a run's changes kept as one, and where each is in it: for a runner that has an address for no more. */
export const keepTogether =
  (store: Pick<Store, 'put'>, keys: Pick<RunKeys, 'contents' | 'contentsIndex'>) =>
  async (contents: readonly KeptContent[]): Promise<void> => {
    const index: ContentsIndex = {};
    let size = 0;
    for (const { file, hash } of contents) {
      const bytes = statSync(file).size;
      index[hash] = [size, bytes];
      size += bytes;
    }
    if (size > MAX_BYTES)
      throw new OffloadError('workspace-limit', 'The files that changed take more than 5 GB together.', {
        fix: 'Have the run leave less behind.',
      });
    const once = { ifNoneMatch: '*' } as const;
    await store.put(keys.contents, { size, read: () => inTurn(contents) }, once);
    await store.put(keys.contentsIndex, Buffer.from(JSON.stringify(index)), once);
  };

async function* inTurn(contents: readonly KeptContent[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { file } of contents) yield* createReadStream(file) as AsyncIterable<Buffer>;
}
