/** A folder of the workspace and all that is taken of it and below. `path` ends with a slash. */
export interface FolderSize {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A folder counts for another where it holds this share of it: then it is the one to name. */
const NEARLY_ALL = 0.8;

/**
 * The folders that hold the most, none of them within another, largest first. A folder that nearly all of another is
 * in stands for it.
 * @param paths of files, with their bytes
 */
export function biggestFolders(
  files: Iterable<{ path: string; size: number }>,
  options: { by: 'files' | 'bytes'; most: number },
): FolderSize[] {
  const { by, most } = options;
  const sizes = new Map<string, { path: string; files: number; bytes: number }>();
  for (const { path, size } of files) {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end + 1);
      const sum = sizes.get(folder);
      if (sum) {
        sum.files += 1;
        sum.bytes += size;
      } else sizes.set(folder, { path: folder, files: 1, bytes: size });
    }
  }
  const largest = [...sizes.values()].sort((a, b) => b[by] - a[by] || (a.path < b.path ? -1 : 1));
  const chosen: FolderSize[] = [];
  for (const top of largest) {
    if (chosen.length === most) break;
    if (chosen.some(({ path }) => top.path.startsWith(path) || path.startsWith(top.path))) continue;
    const inside = largest.filter(({ path }) => path.startsWith(top.path));
    chosen.push(inside.filter((size) => size[by] >= top[by] * NEARLY_ALL).at(-1) ?? top);
  }
  return chosen;
}
