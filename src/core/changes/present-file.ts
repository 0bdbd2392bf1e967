import { type BigIntStats, lstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import { conflict, unsafePath } from './failure.ts';
import type { Folder } from './folder.ts';
import { sha256, STEP_BYTES } from './hash.ts';
import { OPEN_FILE } from './open-flags.ts';

/** What was found under a name, read whole through one handle. */
export interface PresentFile {
  readonly content: Buffer;
  /** SHA-256 of the content. */
  readonly hash: string;
  /** Permission bits, without setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly stats: BigIntStats;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'a link, and no link is followed';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function assertPlain(stats: BigIntStats, path: string): void {
  if (!stats.isFile()) throw unsafePath(path, `is ${kindOf(stats)}.`);
}

const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

const changedMeanwhile = (path: string): Error =>
  conflict(path, 'was changed while the change was being applied.');

async function readAll(
  file: FileHandle,
  size: number,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const content = Buffer.allocUnsafe(size);
  for (let filled = 0; filled < size;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(content, filled, Math.min(STEP_BYTES, size - filled), filled);
    if (bytesRead === 0) throw changedMeanwhile(path);
    filled += bytesRead;
  }
  return content;
}

/**
 * The plain file `name`, or undefined where there is nothing. Throws `unsafe-path` on anything else; what `accept`
 * throws when given the size, before a byte is read. Whether it has changed since is for {@link assertUnchanged}.
 */
export async function readPresent(
  folder: Folder,
  name: string,
  options: { path: string; accept: (size: number) => void; signal: AbortSignal | undefined },
): Promise<PresentFile | undefined> {
  const { path, accept, signal } = options;
  const seen = lstatSync(folder.at(name), { bigint: true, throwIfNoEntry: false });
  if (!seen) return undefined;
  // Before it is opened: opening a device can have effects.
  assertPlain(seen, path);
  const file = await open(folder.at(name), OPEN_FILE).catch((error: unknown) => {
    const errno = errnoOf(error);
    throw errno === 'ELOOP' || errno === 'ENOENT' ? changedMeanwhile(path) : error;
  });
  try {
    const stats = await file.stat({ bigint: true });
    assertPlain(stats, path);
    accept(Number(stats.size));
    const content = await readAll(file, Number(stats.size), path, signal);
    const hash = await sha256(content, signal);
    const [mode, uid, gid] = [Number(stats.mode) & 0o777, Number(stats.uid), Number(stats.gid)];
    return { content, hash, mode, uid, gid, stats };
  } finally {
    await file.close();
  }
}

/** Throws `conflict` unless the name still holds what was found under it. Synchronous, as the step that follows. */
export function assertUnchanged(
  folder: Folder,
  name: string,
  path: string,
  found: PresentFile | undefined,
): void {
  const now = lstatSync(folder.at(name), { bigint: true, throwIfNoEntry: false });
  const same = now && found ? isSame(now, found.stats) : now === undefined && found === undefined;
  if (!same) throw changedMeanwhile(path);
}
