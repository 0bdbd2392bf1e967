/** Which permission bits a file gets: see {@link permissionFor}. */
export type ModeRule =
  /** Executable or not after the change; `was` is what the snapshot says, undefined where it has no such file. */
  | { readonly executable: boolean; readonly was: boolean | undefined }
  /** As recorded, to put an old state back. */
  | { readonly exact: number };

/** Bits, and whether they stand as they are or are asked for at creation, less the umask. */
export interface Permission {
  readonly bits: number;
  readonly exact: boolean;
}

export const isExecutable = (mode: number): boolean => (mode & 0o111) !== 0;

/**
 * A new file is 0666 or 0777 less the umask. A file that is replaced keeps its bits; only whether it is executable is
 * taken from the change, where the change differs in it from the snapshot, and then for those who may read it.
 * `existing` comes without setuid, setgid and sticky, and none of these is ever set.
 */
export function permissionFor(rule: ModeRule, existing: number | undefined): Permission {
  if ('exact' in rule) return { bits: rule.exact & 0o777, exact: true };
  if (existing === undefined) return { bits: rule.executable ? 0o777 : 0o666, exact: false };
  if (rule.was === rule.executable || isExecutable(existing) === rule.executable)
    return { bits: existing, exact: true };
  return { bits: rule.executable ? existing | ((existing & 0o444) >> 2) : existing & ~0o111, exact: true };
}
