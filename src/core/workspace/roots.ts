import { realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';
import { isWorkspacePath } from '../../protocol/path.ts';
import { displayPath } from '../changes/display.ts';
import { foldName } from '../changes/fold.ts';

/** A folder that the user works in. */
export interface WorkspaceRoot {
  /** Absolute. */
  readonly path: string;
  /** What the user calls it; the folder's own name where absent. */
  readonly name?: string | undefined;
}

/** A root and its place in the snapshot. */
export interface PlacedRoot {
  /** Absolute, with every link on the way to it resolved. */
  readonly folder: string;
  /** What paths in the snapshot begin with: nothing for a single root, else its name and a slash. */
  readonly prefix: string;
}

/**
 * The roots with their places: one has the snapshot to itself, several are top folders by their names, told apart by
 * numbers, also where only a file system that folds case would take one for another.
 * @throws OffloadError `bad-request` for a root that is no folder
 */
export function placeRoots(roots: readonly WorkspaceRoot[]): PlacedRoot[] {
  const folders = roots.map(({ path }) => realFolder(path));
  const [only] = folders;
  if (only === undefined) throw new OffloadError('bad-request', 'There is no folder to take along.');
  if (folders.length === 1) return [{ folder: only, prefix: '' }];
  const taken = new Set<string>();
  return folders.map((folder, index) => {
    const name = uniqueName(roots[index]?.name ?? basename(folder), taken);
    return { folder, prefix: `${name}/` };
  });
}

function realFolder(path: string): string {
  if (!isAbsolute(path)) {
    throw new OffloadError('bad-request', `${displayPath(path)} is not the absolute path of a folder.`);
  }
  try {
    const folder = realpathSync(path);
    if (statSync(folder).isDirectory()) return folder;
  } catch (cause) {
    throw new OffloadError('bad-request', `The folder ${displayPath(path)} cannot be opened.`, {
      fix: 'Name a folder that is there and that you may read.',
      cause,
    });
  }
  throw new OffloadError('bad-request', `${displayPath(path)} is not a folder.`);
}

function uniqueName(wanted: string, taken: Set<string>): string {
  const plain = wanted.replaceAll('/', '-');
  const name = isWorkspacePath(plain) ? plain : 'folder';
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${String(number)}`;
    const folded = foldName(candidate);
    if (taken.has(folded)) continue;
    taken.add(folded);
    return candidate;
  }
}

/** Where a path of the snapshot lies on this machine; undefined for one that is in no root. */
export function placeOf(roots: readonly PlacedRoot[], path: string): string | undefined {
  const root = roots.find(({ prefix }) => path.startsWith(prefix));
  return root && join(root.folder, path.slice(root.prefix.length));
}
