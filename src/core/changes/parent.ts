import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { errnoOf } from '../errno.ts';
import { conflict, unsafePath } from './failure.ts';
import type { Folder } from './folder.ts';
import { refusedName } from './name.ts';

const pathOf = (folder: Folder, name: string): string =>
  folder.path === '' ? name : `${folder.path}/${name}`;

/** Says what is in the way where a folder is needed. */
function inTheWay(folder: Folder, name: string, cause: unknown): unknown {
  const path = pathOf(folder, name);
  const stats = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return unsafePath(path, 'is a link, and no link is followed.', cause);
  if (stats?.isFile()) return conflict(path, 'is a file, where the change needs a folder.', cause);
  return stats
    ? unsafePath(path, 'is not a folder.', cause)
    : conflict(path, 'was removed meanwhile.', cause);
}

async function enter(folder: Folder, name: string, made: string[] | undefined): Promise<Folder> {
  try {
    return await folder.enter(name);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOTDIR' || errno === 'ELOOP') throw inTheWay(folder, name, error);
    if (errno !== 'ENOENT' || made === undefined) throw error;
  }
  make(folder, name, made);
  return enter(folder, name, undefined);
}

function make(folder: Folder, name: string, made: string[]): void {
  folder.assertInPlace();
  try {
    mkdirSync(folder.at(name), 0o755);
    made.push(pathOf(folder, name));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * Walks from the root to the folder that holds `path`, without following a link, and calls `work` with it and the
 * last name of the path. The one way to any file or folder: a path that this platform refuses goes no step. With
 * `made`, folders that are missing are made (0755 less the umask) and their paths added to it; without, a missing
 * folder is the system's ENOENT.
 */
export async function inParent<T>(
  root: Folder,
  path: string,
  made: string[] | undefined,
  work: (folder: Folder, name: string) => Promise<T>,
): Promise<T> {
  const refused = refusedName(path);
  if (refused !== undefined) throw unsafePath(path, `${refused}.`);
  const names = path.split('/');
  const last = names.pop() ?? '';
  let folder = root;
  try {
    for (const name of names) {
      const next = await enter(folder, name, made);
      if (folder !== root) await folder.close();
      folder = next;
    }
    return await work(folder, last);
  } finally {
    if (folder !== root) await folder.close();
  }
}

/** Removes those of the folders that are empty, the last first. One that stays, for whatever reason, stays. */
export async function removeEmptyFolders(root: Folder, paths: readonly string[]): Promise<void> {
  for (const path of paths.toReversed()) {
    try {
      await inParent(root, path, undefined, async (folder, name) => {
        folder.assertInPlace();
        rmdirSync(folder.at(name));
        return Promise.resolve();
      });
    } catch {
      // Not empty, gone, or not ours to remove: nothing rests on it.
    }
  }
}
