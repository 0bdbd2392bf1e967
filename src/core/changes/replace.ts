import { LIMITS } from '../../protocol/limits.ts';
import { OffloadError } from '../../protocol/error.ts';
import { displayPath } from './display.ts';
import { errnoOf } from '../errno.ts';
import { asFailure, conflict } from './failure.ts';
import type { Folder } from './folder.ts';
import { inParent, removeEmptyFolders } from './parent.ts';
import { type ModeRule, permissionFor } from './permission.ts';
import { putInPlace, removeFromPlace } from './place.ts';
import { type PresentFile, readPresent } from './present-file.ts';
import { withTemporary } from './temporary.ts';

/** Bytes of a file that is written, or read to be kept for undo. A run's own default for a single file. */
export const MAX_APPLIED_BYTES: number = LIMITS.fileBytes.default;

/** A file's content by what identifies it. */
export interface Identity {
  readonly hash: string;
  readonly size: number;
}

/** What is there once a file has been replaced, and what was before: enough to take the step back. */
export interface Undo {
  readonly path: string;
  /** What was there; undefined where nothing was. */
  readonly before: { readonly content: Buffer; readonly mode: number } | undefined;
  /** What is there now; undefined after a deletion. */
  readonly after: Identity | undefined;
  /** Paths of the folders that were made for it, outermost first. */
  readonly folders: readonly string[];
}

export interface Replacement {
  readonly path: string;
  /** What must be there; undefined for nothing. */
  readonly expected: Identity | undefined;
  /** What shall be there; undefined for nothing. */
  readonly wanted: (Identity & { readonly content: Uint8Array; readonly mode: ModeRule }) | undefined;
  /** Replace or delete whatever plain file is there, expected or not. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
}

function mismatch(path: string, expected: Identity | undefined, isThere: boolean): OffloadError {
  if (!isThere) return conflict(path, 'is gone from the workspace.');
  return conflict(
    path,
    expected ? 'has changed in the workspace.' : 'is in the workspace already, as another file.',
  );
}

const tooLarge = (path: string, size: number): OffloadError =>
  new OffloadError(
    'too-large',
    `${displayPath(path)} has ${size} bytes; at most ${MAX_APPLIED_BYTES} are read or written here.`,
    { fix: 'Move such files by hand, or discard the change.' },
  );

/** Refuses by size alone what reading would only refuse later. */
function sizeCheck({ path, expected, wanted, overwrite }: Replacement): (size: number) => void {
  return (size) => {
    if (!overwrite && size !== expected?.size && size !== wanted?.size) throw mismatch(path, expected, true);
    if (size > MAX_APPLIED_BYTES) throw tooLarge(path, size);
  };
}

/** A conflict, unless it is as expected, or already as wanted: the same change on both sides is none. */
function assertExpected(
  { path, expected, wanted, overwrite }: Replacement,
  found: PresentFile | undefined,
): void {
  if (overwrite || found?.hash === expected?.hash || found?.hash === wanted?.hash) return;
  throw mismatch(path, expected, found !== undefined);
}

async function replaceIn(
  folder: Folder,
  name: string,
  replacement: Replacement,
): Promise<PresentFile | undefined> {
  const { path, wanted, signal } = replacement;
  const found = await readPresent(folder, name, { path, accept: sizeCheck(replacement), signal });
  assertExpected(replacement, found);
  const place = { folder, name, path, found };
  if (!wanted) {
    if (found) await removeFromPlace(place, signal);
    return found;
  }
  const permission = permissionFor(wanted.mode, found?.mode);
  if (found?.hash === wanted.hash && found.mode === permission.bits) return found;
  const newFile = { content: wanted.content, permission, owner: found };
  await withTemporary(folder, newFile, signal, async (temporary) => putInPlace(place, temporary, signal));
  return found;
}

/** {@link replaceFile} for a deletion in a folder that is not there either. */
function absentFolder(replacement: Replacement, error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT' || replacement.wanted) throw error;
}

/**
 * Makes exactly one file below the root what is wanted, in one step, if it is what was expected, and follows no link.
 * Throws `unsafe-path`, `conflict`, `too-large`, `internal` with the system's error as cause, or the signal's reason;
 * then the old file is whole, and neither a temporary file nor a new folder is left.
 *
 * The file is a new one under the old name: hard links to the old one, and access lists and extended attributes that
 * Node cannot copy, stay behind.
 */
export async function replaceFile(root: Folder, replacement: Replacement): Promise<Undo> {
  const { path, wanted, signal } = replacement;
  if (wanted && wanted.size > MAX_APPLIED_BYTES) throw tooLarge(path, wanted.size);
  const folders: string[] = [];
  try {
    signal?.throwIfAborted();
    const found = await inParent(root, path, wanted && folders, async (folder, name) =>
      replaceIn(folder, name, replacement),
    ).catch((error: unknown) => absentFolder(replacement, error));
    return {
      path,
      before: found && { content: found.content, mode: found.mode },
      after: wanted && { hash: wanted.hash, size: wanted.size },
      folders,
    };
  } catch (error) {
    await removeEmptyFolders(root, folders);
    throw asFailure(error, path, signal);
  }
}
