import { createReadStream } from 'node:fs';
import { MAX_PART_BYTES } from '../../../src/protocol/frame.ts';

export interface BlobPart {
  base64: string;
  last: boolean;
}

/** A file in parts that fit a frame; an empty one closes it. */
export async function* fileParts(path: string): AsyncGenerator<BlobPart, void, undefined> {
  const file = createReadStream(path, { highWaterMark: MAX_PART_BYTES });
  for await (const part of file as AsyncIterable<Buffer>)
    yield { base64: part.toString('base64'), last: false };
  yield { base64: '', last: true };
}
