import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type AcceptedChange, applyChangeIn } from '../../../src/core/changes/apply.ts';
import type { Folder } from '../../../src/core/changes/folder.ts';
import { openHeldFolder } from '../../../src/core/changes/folder-held.ts';
import { openNamedFolder } from '../../../src/core/changes/folder-named.ts';
import type { Undo } from '../../../src/core/changes/replace.ts';
import type { SentEntry, SnapshotEntry } from '../../../src/core/changes/snapshot.ts';
import { RootFolder } from '../../support/workspace/root-folder.ts';

/** A workspace folder `root` beside a folder `outside` that nothing may touch, new for each test of the suite. */
export class Workspace extends RootFolder {
  constructor() {
    super('outside');
    beforeEach(() => {
      this.put('../outside/kept.txt', 'kept\n');
    });
  }

  get outside(): string {
    return this.beside('outside');
  }

  text(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  mode(path: string): number {
    return lstatSync(this.at(path)).mode & 0o7777;
  }
}

function entryOf(path: string): string {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (stats.isFile()) return readFileSync(path, 'utf8');
  return stats.isDirectory() ? 'folder' : 'special';
}

/** Everything below a folder by its path: a file's text, `folder`, `-> target` for a link. */
export function tree(folder: string, prefix = ''): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const name of readdirSync(folder).sort()) {
    const entry = entryOf(join(folder, name));
    entries[prefix + name] = entry;
    if (entry === 'folder') Object.assign(entries, tree(join(folder, name), `${prefix}${name}/`));
  }
  return entries;
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** A file as it was sent. */
export function sent(text: string, mode = 0o644): SentEntry {
  const content = Buffer.from(text);
  return { hash: hashOf(content), mode, size: content.length, content };
}

/** An accepted change that leaves `text` at `path`; a creation where there is no `base`. */
export function writing(
  path: string,
  text: string | Uint8Array,
  base?: SnapshotEntry,
  mode = 0o644,
): AcceptedChange {
  const content = Buffer.from(text);
  const change = { path, mode, size: content.length, hash: hashOf(content) };
  return { change: { ...change, operation: base ? 'modify' : 'create' }, content, base };
}

/** An accepted change that deletes `path`. */
export const deleting = (path: string, base: SnapshotEntry | undefined): AcceptedChange => ({
  change: { path, operation: 'delete', mode: 0, size: 0 },
  base,
});

/** The ways to hold a root that this platform has: the second is the one of macOS and Windows, and works here too. */
export const ROOTS: readonly (readonly [
  kind: string,
  open: (root: string) => Promise<Folder | undefined>,
])[] = [
  ...(process.platform === 'linux' ? ([['held open', openHeldFolder]] as const) : []),
  ['known by path', openNamedFolder],
];

/** Applies a change below a root of one kind. */
export async function applyWith(
  open: (root: string) => Promise<Folder | undefined>,
  root: string,
  accepted: AcceptedChange,
  signal?: AbortSignal,
): Promise<Undo> {
  const folder = await open(root);
  assert.ok(folder, 'folders can be held open here');
  try {
    return await applyChangeIn(folder, accepted, signal);
  } finally {
    await folder.close();
  }
}

/** A signal that does something the nth time it is looked at, which is the nth point where a step could be stopped. */
export class LookedAt {
  readonly signal: AbortSignal;
  #looks = 0;
  readonly #nth: number;

  constructor(nth: number, act: (controller: AbortController) => void) {
    const controller = new AbortController();
    const { signal } = controller;
    this.signal = signal;
    this.#nth = nth;
    signal.throwIfAborted = () => {
      this.#looks += 1;
      if (this.#looks === nth) act(controller);
      AbortSignal.prototype.throwIfAborted.call(signal);
    };
  }

  /** Whether there was an nth time. */
  get acted(): boolean {
    return this.#looks >= this.#nth;
  }
}

/** What a promise is rejected with; undefined where it is fulfilled. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
