import { foldName } from './fold.ts';
import { GUARDED } from './guarded-table.ts';

interface Rules {
  /** A file or folder of this folded name, and all below it. */
  readonly anywhere: Map<string, string>;
  readonly files: Map<string, string>;
  readonly patterns: { readonly pattern: RegExp; readonly reason: string }[];
  /** Matches what one of the patterns does: most files need no other look. */
  readonly anyPattern: RegExp;
}

let compiled: Rules | undefined;

function compile(): Rules {
  const rules = { anywhere: new Map<string, string>(), files: new Map<string, string>() };
  const patterns: Rules['patterns'] = [];
  for (const { names, reason } of GUARDED) {
    for (const name of names.split(' ')) {
      if (name.endsWith('/')) rules.anywhere.set(foldName(name.slice(0, -1)), reason);
      else if (!name.includes('*')) rules.files.set(foldName(name), reason);
      else {
        const source = foldName(name)
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^]*');
        patterns.push({ pattern: new RegExp(`^${source}$`), reason });
      }
    }
  }
  return {
    ...rules,
    patterns,
    anyPattern: new RegExp(patterns.map(({ pattern }) => pattern.source).join('|')),
  };
}

/** What Windows makes of names that are not 8.3: `GIT~1` is `.git`, `PACKAG~1.JSO` is `package.json`. */
const SHORT_NAME = /^[^.~]{1,6}~[0-9]{1,6}(\.[^.]{0,3})?$/;
const SHORT_NAME_REASON =
  'On Windows this may be the short name of any other file, one that runs by itself included.';

/** A folded name without what Windows leaves out: an alternate stream (`:x:$DATA`), trailing dots and spaces. */
const asWindowsReads = (name: string): string => name.replace(/:[^]*$/, '').replace(/[. ]+$/, '');

/** The names in a path as Unix reads them, then as Windows does, which also separates by backslashes. */
function readings(path: string): string[][] {
  const unix = path.split('/').map(foldName);
  const windows = path.split(/[/\\]/).map((name) => asWindowsReads(foldName(name)));
  return [unix, windows];
}

function reasonAmong(
  names: readonly string[],
  { anywhere, files, patterns, anyPattern }: Rules,
): string | undefined {
  for (const name of names) {
    const reason = anywhere.get(name) ?? (SHORT_NAME.test(name) ? SHORT_NAME_REASON : undefined);
    if (reason !== undefined) return reason;
  }
  const file = names.at(-1) ?? '';
  const exact = files.get(file);
  if (exact !== undefined || !anyPattern.test(file)) return exact;
  return patterns.find(({ pattern }) => pattern.test(file))?.reason;
}

/**
 * Why the file at `path` is set apart and approved one by one: an editor, a shell, a package manager or an agent runs
 * or obeys it unasked. A sentence for the user; undefined for other files. Every spelling counts that some file
 * system takes for a guarded name, on every platform: folders move between machines.
 */
export function guardedReason(path: string): string | undefined {
  const rules = (compiled ??= compile());
  for (const names of readings(path)) {
    const reason = reasonAmong(names, rules);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
