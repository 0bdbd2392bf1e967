import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { wholePart } from './trees.ts';

// Puts more into a store than the file system holds that it lies on, and prints what came of it.
const folder = process.argv[2] ?? '';
const store = new BlobStore(folder);
try {
  for (;;) await store.put([wholePart(randomBytes(700_000))]);
} catch (error) {
  const said = error instanceof OffloadError ? error.toWire() : { code: String(error) };
  const incoming = readdirSync(join(folder, 'incoming'));
  await store.put([wholePart('small')]);
  process.stdout.write(JSON.stringify({ ...said, incoming, afterwards: 'taken' }));
}
