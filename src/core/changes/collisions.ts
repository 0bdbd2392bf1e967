import { foldersOf, foldPath } from './fold.ts';

/**
 * The groups among `paths` that cannot stand beside each other on a file system which folds names: two spellings of
 * one name, or a file where another path needs a folder. Paths of deletions must be left out: they take no name. The
 * folding is coarser than any single file system's, so a group is a warning; whether one file would in fact replace
 * the other is found out by applying them, where the second is a conflict.
 */
export function collisions(paths: Iterable<string>): string[][] {
  const files = new Map<string, Set<string>>();
  for (const path of paths) {
    const folded = foldPath(path);
    const group = files.get(folded);
    if (group) group.add(path);
    else files.set(folded, new Set([path]));
  }
  const within = [...files].flatMap(([folded, group]) =>
    [...foldersOf(folded)].flatMap((folder) => (files.has(folder) ? [{ folder, group }] : [])),
  );
  for (const { folder, group } of within) for (const path of group) files.get(folder)?.add(path);
  return [...files.values()].filter((group) => group.size > 1).map((group) => [...group].sort());
}
