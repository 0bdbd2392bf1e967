import { changedSince } from './changed-since.ts';
import { Pace } from './pace.ts';
import { scanAll } from './scan.ts';
import { MAX_SCANNED_BYTES, type ScannedFile, type ScanFinding, type ScanResult } from './scanned-file.ts';
import { SecretCache } from './secret-cache.ts';
import { secretByName } from './secret-names.ts';
import { sourceOf, withoutFiles, type TakenSnapshot } from './taken-snapshot.ts';

/** Something in a snapshot that looks like a secret. It holds nothing of the secret itself. */
export interface FoundSecret {
  /** In the snapshot. */
  readonly path: string;
  /** Counted from 1; absent where the file's name tells. */
  readonly line?: number | undefined;
  /** What it looks like, for people. */
  readonly what: string;
}

export interface SecretOptions {
  /** The scanner's program: `secret-scanner.mjs` of the build. */
  readonly scanner: string;
  /** As for the snapshot: only what is new is scanned then. */
  readonly cacheFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What in a snapshot looks like a secret: by the names of files, and in texts of 1 MB at most by the recommended rules of
 * secretlint. In the order of paths and lines.
 * @throws OffloadError `conflict` naming a file that has changed since the snapshot, which is to be taken again then; the
 * signal's reason
 */
export async function findSecrets(taken: TakenSnapshot, options: SecretOptions): Promise<FoundSecret[]> {
  const { scanner, signal } = options;
  const pace = new Pace(signal);
  const cache = new SecretCache(options.cacheFolder, taken.roots);
  const found: FoundSecret[] = [];
  const paths = new Map<ScannedFile, string>();
  const add = (path: string, findings: readonly ScanFinding[]): void => {
    found.push(...findings.map((finding) => ({ path, ...finding })));
  };
  for (const entry of taken.snapshot.entries) {
    if (pace.due()) await pace.rest();
    if (entry.kind === 'link') continue;
    const { path, size, hash } = entry;
    const what = secretByName(path);
    if (what !== undefined) found.push({ path, what });
    else if (size > 0 && size <= MAX_SCANNED_BYTES) {
      const file = { name: nameFor(path), hash, ...sourceOf(taken, path) };
      const known = cache.get(file);
      if (known === undefined) paths.set(file, path);
      else add(path, known);
    }
  }
  const each = (file: ScannedFile, result: ScanResult): void => {
    const path = paths.get(file) ?? '';
    if (result === 'changed') throw changedSince(path);
    cache.add(file, result);
    add(path, result);
  };
  await scanAll({ scanner, files: [...paths.keys()], each, signal });
  cache.save();
  return found.sort((a, b) => (a.path === b.path ? (a.line ?? 0) - (b.line ?? 0) : a.path < b.path ? -1 : 1));
}

/** Some rules are for `package.json`, `.npmrc` and JSON. All other files have one name, so that a new one is no news. */
const nameFor = (path: string): string =>
  /(^|\.)(json|npmrc)$/.test(path) ? path.slice(path.lastIndexOf('/') + 1) : 'file';

/** A snapshot without the files that look like secrets, but for the paths that the user allows. */
export const withoutSecrets = (
  taken: TakenSnapshot,
  secrets: readonly FoundSecret[],
  allowed: ReadonlySet<string>,
): TakenSnapshot =>
  withoutFiles(
    taken,
    new Set(secrets.map(({ path }) => path).filter((path) => !allowed.has(path))),
    'secret',
  );
