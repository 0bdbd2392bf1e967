import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';
import type { Folder } from './folder.ts';
import { STEP_BYTES } from './hash.ts';
import { OPEN_NEW } from './open-flags.ts';
import type { Permission } from './permission.ts';
import { whileBusy } from './while-busy.ts';

export interface NewFile {
  readonly content: Uint8Array;
  readonly permission: Permission;
  /** Whose the file that it replaces is; undefined where it replaces none. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

async function writeAll(
  file: FileHandle,
  content: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let written = 0; written < content.length;) {
    signal?.throwIfAborted();
    const { bytesWritten } = await file.write(
      content,
      written,
      Math.min(STEP_BYTES, content.length - written),
    );
    written += bytesWritten;
  }
}

const tryToChown = async (file: FileHandle, uid: number, gid: number): Promise<boolean> =>
  file.chown(uid, gid).then(
    () => true,
    () => false,
  );

/** Owner and group as they were, as far as this user may give files away. */
async function restoreOwner(file: FileHandle, { permission, owner }: NewFile): Promise<Permission> {
  const { uid, gid } = await file.stat();
  if (!owner || (owner.uid === uid && owner.gid === gid)) return permission;
  if (await tryToChown(file, owner.uid, owner.gid)) return permission;
  if (gid === owner.gid || (await tryToChown(file, uid, owner.gid))) return permission;
  // Another group now: it gets what everybody has, not what the old group had.
  return { ...permission, bits: (permission.bits & ~0o070) | ((permission.bits & 0o007) << 3) };
}

async function fill(file: FileHandle, newFile: NewFile, signal: AbortSignal | undefined): Promise<void> {
  await writeAll(file, newFile.content, signal);
  // Owner first: giving a file away takes bits from it.
  const { bits, exact } = await restoreOwner(file, newFile);
  if (exact) await file.chmod(bits);
}

async function removeIfThere(folder: Folder, name: string): Promise<void> {
  try {
    await whileBusy(() => {
      unlinkSync(folder.at(name));
    });
  } catch (error) {
    // Renamed into its place, as a rule. Anything else must not hide how the change itself went.
    if (errnoOf(error) === undefined) throw error;
  }
}

/**
 * Writes a file under a name of its own beside its place, complete and closed, then has `use` put it there by that
 * name. What is left under the temporary name afterwards is removed, whatever happened.
 */
export async function withTemporary<T>(
  folder: Folder,
  newFile: NewFile,
  signal: AbortSignal | undefined,
  use: (temporary: string) => Promise<T>,
): Promise<T> {
  const name = `.offload-${randomBytes(8).toString('hex')}.tmp`;
  const { bits, exact } = newFile.permission;
  signal?.throwIfAborted();
  folder.assertInPlace();
  const file = await open(folder.at(name), OPEN_NEW, exact ? 0o600 : bits);
  try {
    try {
      // Before the first byte: content is written to no other place.
      folder.assertInPlace();
      await fill(file, newFile, signal);
    } finally {
      await file.close();
    }
    return await use(name);
  } finally {
    await removeIfThere(folder, name);
  }
}
