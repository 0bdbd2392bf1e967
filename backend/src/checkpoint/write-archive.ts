import { chmodSync, constants, lstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { StoreBody } from '../store/store.ts';
import { MAX_CHECKPOINT_BYTES, MAX_LINE_CHARS, type ArchiveEntry } from './archive-entry.ts';
import type { Trees } from './changed-entries.ts';
import type { CheckpointState } from './checkpoint-state.ts';

/** Bytes that are read at once. */
const READ_BYTES = 256 * 1024;

/** Without a link at its end: nothing runs any more that could put one there meanwhile. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

/**
 * A checkpoint as one archive: the state, then the entries with what the files hold. It is read from the trees as it is
 * sent, so that it takes no room on the disk, and again when it has to be sent again.
 * @throws OffloadError `too-large`
 */
export function archiveBody(
  state: CheckpointState,
  entries: readonly ArchiveEntry[],
  trees: Trees,
): Exclude<StoreBody, Buffer> {
  const first = lineOf(state);
  const last = lineOf({ kind: 'end' } satisfies ArchiveEntry);
  let size = first.length + last.length;
  for (const entry of entries) size += lineOf(entry).length + (entry.kind === 'file' ? entry.size : 0);
  if (size > MAX_CHECKPOINT_BYTES || first.length > MAX_LINE_CHARS) throw tooLarge();
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    yield first;
    for (const entry of entries) {
      yield lineOf(entry);
      if (entry.kind === 'file') yield* contentOf(join(trees[entry.in], entry.path), entry.size);
    }
    yield last;
  }
  return { size, read };
}

const lineOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/** So many bytes of a file, whatever its mode is. */
async function* contentOf(place: string, size: number): AsyncGenerator<Buffer, void, undefined> {
  if ((lstatSync(place).mode & 0o400) === 0) chmodSync(place, 0o600);
  const file = await open(place, FLAGS);
  try {
    for (let at = 0; at < size;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new OffloadError('internal', 'A file has become shorter while it was read.');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const tooLarge = () =>
  new OffloadError(
    'too-large',
    `What the task has changed takes more than ${String(MAX_CHECKPOINT_BYTES / 1024 ** 2)} MB, which is more than can ` +
      'be brought to another function.',
    { fix: 'Have it work in /tmp on what need not be kept, or run it on this computer.' },
  );
