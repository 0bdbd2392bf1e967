import { foldersOf, foldPath } from './fold.ts';

/** What ordering needs to know of a step: which file it is for, and whether it deletes it. */
export interface Step {
  readonly path: string;
  readonly deletes: boolean;
}

/**
 * Sorts steps so that each finds what it needs. First the deletions that free a name: of a file that becomes a folder,
 * of one in a folder that becomes a file, of another spelling of a name. Then what is written. All other deletions
 * last: what was renamed is in its new place before its old one goes. Otherwise the order stays.
 */
export function inOrder<T extends Step>(steps: readonly T[]): T[] {
  const writes = steps.filter(({ deletes }) => !deletes);
  const deletions = steps.filter(({ deletes }) => deletes);
  const files = new Set(writes.map(({ path }) => foldPath(path)));
  const folders = new Set([...files].flatMap((file) => [...foldersOf(file)]));
  const frees = ({ path }: T): boolean => {
    const folded = foldPath(path);
    return (
      files.has(folded) || folders.has(folded) || [...foldersOf(folded)].some((folder) => files.has(folder))
    );
  };
  return [...deletions.filter(frees), ...writes, ...deletions.filter((deletion) => !frees(deletion))];
}

/**
 * For each file that is written where a folder was: the folders there whose files are deleted, outermost first. They
 * have to go, if they are empty by then. By the file's folded path.
 */
export function foldersInTheWay(steps: readonly Step[]): Map<string, Set<string>> {
  const ways = new Map<string, Set<string>>();
  for (const { path, deletes } of steps) if (!deletes) ways.set(foldPath(path), new Set());
  for (const { path, deletes } of steps) {
    if (!deletes) continue;
    const inside: Set<string>[] = [];
    for (const folder of foldersOf(path)) {
      const way = ways.get(foldPath(folder));
      if (way) inside.push(way);
      for (const each of inside) each.add(folder);
    }
  }
  return ways;
}
