import { why } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_SNAPSHOT_BYTES, snapshotSchema, type Snapshot } from '../../../src/protocol/snapshot.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { BaselineEntry } from './baseline.ts';
import { MAX_ENTRIES } from './size.ts';

/** Bytes of a snapshot's own blob: its list of files. */
const MAX_LIST_BYTES = 64 * 1024 ** 2;

/**
 * Reads a snapshot's list of files from its blob and checks it.
 * @throws OffloadError `unknown-snapshot` where the blob is not there, `bad-request` where it is no snapshot, `too-large`
 */
export async function readSnapshot(blobs: BlobStore, hash: string): Promise<Snapshot> {
  let bytes: Buffer;
  try {
    bytes = await blobs.read(hash, MAX_LIST_BYTES);
  } catch (cause) {
    if (!(cause instanceof OffloadError) || cause.code !== 'unknown-blob') throw cause;
    throw new OffloadError('unknown-snapshot', `The snapshot ${hash} is not there.`, {
      fix: SEND_AGAIN,
      cause,
    });
  }
  return parseSnapshot(bytes);
}

/** @throws OffloadError `bad-request`, `too-large` */
export function parseSnapshot(bytes: Buffer): Snapshot {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new OffloadError('bad-request', 'The snapshot is not JSON.', { cause });
  }
  const parsed = snapshotSchema.safeParse(json);
  if (!parsed.success)
    throw new OffloadError('bad-request', `The snapshot is not valid: ${why(parsed.error)}.`);
  checkTree(parsed.data);
  return parsed.data;
}

/**
 * The blobs of these files are there, and stay for an hour at least.
 * @throws OffloadError `unknown-snapshot`
 */
export async function requireContents(blobs: BlobStore, entries: Snapshot['entries']): Promise<void> {
  const hashes = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.hash] : []));
  const missing = await blobs.missing(hashes);
  if (missing.length > 0) throw incomplete(missing.length);
}

export const incomplete = (missing: number) =>
  new OffloadError(
    'unknown-snapshot',
    missing === 1
      ? 'The content of one file of the snapshot is not there.'
      : `The contents of ${String(missing)} files of the snapshot are not there.`,
    { fix: SEND_AGAIN },
  );

const SEND_AGAIN = 'Start the task again, which sends what is missing.';

/** A snapshot as the tree that changes are told against, before anything of it is written. */
export const baselineOf = ({ entries }: Snapshot): Map<string, BaselineEntry> =>
  new Map(
    entries.map((entry) => [
      entry.path,
      entry.kind === 'link'
        ? { kind: 'link', target: entry.target }
        : { kind: 'file', hash: entry.hash, executable: (entry.mode & 0o111) !== 0 },
    ]),
  );

/** The tree of a task without a snapshot. */
export const NO_FILES: Snapshot = { format: 1, entries: [] };

function checkTree({ entries }: Snapshot): void {
  const paths = new Set<string>();
  let bytes = 0;
  let before = '';
  for (const entry of entries) {
    const { path } = entry;
    if (path <= before) throw bad(`${JSON.stringify(path)} is twice in it, or out of order`);
    before = path;
    paths.add(path);
    // Such a name would not come back as it went.
    if (!isWellFormed(path) || (entry.kind === 'link' && !isWellFormed(entry.target)))
      throw bad(`${JSON.stringify(path)} is not Unicode`);
    if (entry.kind === 'link' && entry.target.includes('\0'))
      throw bad(`the target of ${JSON.stringify(path)} contains NUL`);
    bytes += entry.kind === 'file' ? entry.size : 0;
  }
  for (const folder of foldersOf(entries)) {
    if (paths.has(folder)) throw bad(`${JSON.stringify(folder)} is no folder, and something lies below it`);
  }
  if (bytes > MAX_SNAPSHOT_BYTES) {
    const most = String(MAX_SNAPSHOT_BYTES / 1024 ** 3);
    throw new OffloadError('too-large', `The files of the snapshot are larger than ${most} GB together.`, {
      fix: 'Name what the task does not need in .offloadignore.',
    });
  }
}

/**
 * The folders that paths name, outer ones first.
 * @throws OffloadError `too-large` for more than a workspace may hold
 */
export function foldersOf(entries: Snapshot['entries']): string[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end !== -1; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      // Then those above it are known as well.
      if (folders.has(folder)) break;
      folders.add(folder);
      if (folders.size > MAX_ENTRIES) throw tooMany();
    }
  }
  return [...folders].sort();
}

const tooMany = () =>
  new OffloadError('too-large', `The snapshot has more than ${String(MAX_ENTRIES)} folders.`, {
    fix: 'Name what the task does not need in .offloadignore.',
  });

const isWellFormed = (text: string): boolean => Buffer.from(text, 'utf8').toString('utf8') === text;

const bad = (what: string) => new OffloadError('bad-request', `The snapshot is not valid: ${what}.`);
