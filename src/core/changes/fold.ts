/** Code points that HFS+ and a case-folding ext4 leave out when they compare names. */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;

/** ASCII without control characters: nothing but its case folds. */
const PLAIN = /^[ -~]*$/;

/**
 * A name as the most forgiving file systems compare it: without case, Unicode form and ignorable characters. Coarser
 * than any single one (APFS, HFS+, NTFS, a case-folding ext4, ZFS with compatibility forms), so that two names which
 * fold apart are two files everywhere; the reverse need not hold.
 */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  // Upper case first: it joins what lower case alone leaves apart (the long s, the dotless i, ligatures).
  return name.normalize('NFKD').replace(IGNORED, '').toUpperCase().toLowerCase().normalize('NFKD');
}

/** A path, each of its names folded by {@link foldName}. */
export const foldPath = (path: string): string => path.split('/').map(foldName).join('/');

/** The folders that hold a path, outermost first: `a` and `a/b` for `a/b/c`. */
export function* foldersOf(path: string): Generator<string> {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) yield path.slice(0, end);
}
