import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { constants, lstatSync, readdirSync, type Stats } from 'node:fs';
import { sep } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';
import { MAX_SNAPSHOT_ENTRIES } from '../../protocol/snapshot.ts';
import { isWorkspacePath, MAX_PATH_BYTES } from '../../protocol/path.ts';
import { displayPath } from '../changes/display.ts';
import { errnoOf } from '../errno.ts';
import type { Folder } from './folder.ts';
import { folderRules, rulesAbove } from './ignore-files.ts';
import type { FolderRules, IgnoreRules } from './ignore-rules.ts';
import type { Look } from './look.ts';
import type { Pace } from './pace.ts';
import type { PlacedRoot } from './roots.ts';
import type { StatCache } from './stat-cache.ts';
import { tooManyFiles } from './too-large.ts';
import type { Unsaved, UnsavedKind } from './unsaved.ts';

/** Milliseconds that a workspace of too many files is looked at further, to find where they are. */
const LOOK_FURTHER_MS = 500;

/** Names that are looked at before the clock is. */
const NAMES_AT_A_TIME = 16;

/** Ignored files and folders that are named; the rest is counted. */
const MAX_IGNORED_NAMED = 1000;

/** UTF-16 units that take no more bytes in UTF-8 than a path may, whatever they are. */
const SURELY_SHORT = MAX_PATH_BYTES / 3;

/** What a workspace consists of, looked at from the outside. */
export interface Listing {
  /** One for each root, in the order of their paths. */
  readonly tops: readonly Folder[];
  /** Ignored files and folders; some of them are named among what is left out. */
  readonly ignored: number;
}

interface ListOptions {
  readonly roots: readonly PlacedRoot[];
  readonly unsaved: Unsaved;
  /** Paths of files and folders (without a slash at the end) that the user does not want to be sent. */
  readonly excluded: ReadonlySet<string>;
  /** What was taken along before by the same rules is by these. */
  readonly cache: StatCache;
  readonly look: Look;
  readonly pace: Pace;
}

/**
 * Lists what is to be taken along, breadth first, so that a workspace of too many files is known in its breadth when
 * that is found.
 * @throws OffloadError `too-large`, naming the folders that hold the most
 */
export const listWorkspace = (options: ListOptions): Promise<Listing> => new Walk(options).list();

/** A folder whose names are still to be read. `rulesPath` is its path as its rules know it. */
interface Waiting {
  readonly folder: Folder;
  readonly rules: IgnoreRules;
  readonly rulesPath: string;
  /** Whether all of them are as they were when the cache was written. */
  readonly asBefore: boolean;
  /** Of a root, the rules above it. */
  readonly above: readonly FolderRules[];
}

type Kind = UnsavedKind | 'link' | 'special';

/** Something in a folder. `find` knows the files of the folder's last snapshot. */
interface Seen {
  readonly name: string;
  readonly path: string;
  readonly place: string;
  /** Undefined for what is in an editor alone. */
  readonly stats: Stats | undefined;
  readonly kind: Kind;
  readonly find: (name: string) => number;
}

class Walk {
  readonly #options: ListOptions;
  readonly #waiting: Waiting[] = [];
  #tops: readonly Folder[] = [];
  #ignored = 0;
  #entries = 0;
  /** When there turned out to be too many, to be looked at no longer than {@link LOOK_FURTHER_MS}. */
  #overAt = Infinity;

  constructor(options: ListOptions) {
    this.#options = options;
  }

  async list(): Promise<Listing> {
    const { roots } = this.#options;
    this.#tops = roots.map((root) => {
      const top = newFolder(root.prefix, root.folder.endsWith(sep) ? root.folder : root.folder + sep);
      const { rules, path, texts } = rulesAbove(root.folder, this.#text);
      this.#waiting.push({ folder: top, rules, rulesPath: path, asBefore: true, above: texts });
      return top;
    });
    // The array grows while it is walked.
    for (const waiting of this.#waiting) {
      await this.#read(waiting);
      if (this.#isLate()) break;
    }
    if (this.#overAt !== Infinity) throw tooManyFiles(this.#tops);
    const tops = this.#tops.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return { tops, ignored: this.#ignored };
  }

  readonly #text = (place: string): string | undefined =>
    this.#options.unsaved.content(place)?.toString('utf8');

  #isLate(): boolean {
    const many = this.#entries > MAX_SNAPSHOT_ENTRIES || this.#waiting.length > MAX_SNAPSHOT_ENTRIES;
    if (many) this.#overAt = Math.min(this.#overAt, performance.now());
    return many && performance.now() - this.#overAt > LOOK_FURTHER_MS;
  }

  async #read({ folder, rules: outer, rulesPath, asBefore, above }: Waiting): Promise<void> {
    const { cache, pace } = this.#options;
    const { names, unsaved } = this.#names(folder);
    const own = folderRules(folder.place, names, this.#text);
    folder.rules = digestOf([...above, own]);
    const inside = {
      folder,
      rules: outer.within(rulesPath, own),
      rulesPath,
      asBefore: asBefore && cache.rulesOf(folder.path) === folder.rules,
      above: [],
    };
    const find = cache.filesOf(folder.path);
    let looked = 0;
    for (const name of names) {
      if (looked++ % NAMES_AT_A_TIME === 0 && pace.due()) {
        await pace.rest();
        if (this.#isLate()) return;
      }
      if (name.length === 4 && name.toLowerCase() === '.git') continue;
      const place = folder.place + name;
      const path = folder.path + name;
      const stats = this.#stats(place, path);
      const kind = stats === undefined ? unsaved?.get(name) : kindOf(stats.mode);
      // One that is not there any more is none.
      if (kind !== undefined) this.#take(inside, { name, path, place, stats, kind, find });
    }
    putInOrder(folder.entries);
  }

  #stats(place: string, path: string): Stats | undefined {
    try {
      return lstatSync(place, NO_ENTRY);
    } catch (error) {
      this.#options.look.unreadable(path, error);
      return undefined;
    }
  }

  #take(inside: Waiting, { name, path, place, stats, kind, find }: Seen): void {
    const { folder, rules, rulesPath, asBefore } = inside;
    const { cache, excluded, look } = this.#options;
    const slash = kind === 'folder' ? '/' : '';
    const known = kind === 'file' ? find(name) : -1;
    const wasTaken = known !== -1 || (kind === 'folder' && cache.rulesOf(`${path}/`) !== undefined);
    if (!(asBefore && wasTaken) && rules.ignores(rulesPath + name + slash)) this.#ignore(path + slash);
    else if (excluded.has(path)) look.leave(path + slash, 'excluded');
    else if (kind === 'special') look.leave(path, 'special');
    else if (path.length > SURELY_SHORT && !isWorkspacePath(path)) look.leave(path + slash, 'name');
    else if (kind === 'folder') {
      const inner = newFolder(`${path}/`, place + sep);
      folder.entries.push(inner);
      this.#waiting.push({ ...inside, folder: inner, rulesPath: `${rulesPath}${name}/` });
    } else {
      const hash = stats && cache.hashOf(known, stats);
      const entry = kind === 'link' ? look.link(path, place) : look.file(path, place, stats, hash);
      if (entry === undefined) return;
      this.#entries += 1;
      folder.entries.push(entry);
    }
  }

  #ignore(path: string): void {
    this.#ignored += 1;
    if (this.#ignored <= MAX_IGNORED_NAMED) this.#options.look.leave(path, 'ignored');
  }

  /** What is in a folder, on the disk and in editors, in order; and what editors have. */
  #names(folder: Folder): {
    names: readonly string[];
    unsaved: ReadonlyMap<string, UnsavedKind> | undefined;
  } {
    const names = this.#namesOnDisk(folder);
    const unsaved = this.#options.unsaved.namesIn(folder.place);
    const all = unsaved === undefined ? names : [...new Set([...names, ...unsaved.keys()])];
    return { names: isAscending(all) ? all : all.toSorted(), unsaved };
  }

  #namesOnDisk(folder: Folder): string[] {
    try {
      const names = readdirSync(folder.place);
      // What is not UTF-8 is read with this in its place.
      if (!names.some((name) => name.includes('\ufffd'))) return names;
      const bytes = readdirSync(folder.place, 'buffer');
      for (const name of bytes) {
        if (!isUtf8(name)) this.#options.look.leave(folder.path + name.toString('utf8'), 'name');
      }
      return bytes.filter((name) => isUtf8(name)).map((name) => name.toString('utf8'));
    } catch (error) {
      if (this.#tops.includes(folder) && errnoOf(error) !== undefined) throw unreadableRoot(folder, error);
      // There may be none yet but in an editor.
      this.#options.look.unreadable(folder.path, error);
      return [];
    }
  }
}

const NO_ENTRY = { throwIfNoEntry: false } as const;

/** A folder without rules of its own has this. */
const NO_RULES = '0'.repeat(64);

/** Tells sets of rules apart. */
const digestOf = (texts: readonly FolderRules[]): string =>
  texts.every(({ offload, git, exclude }) => (offload ?? git ?? exclude) === undefined)
    ? NO_RULES
    : hash(
        'sha256',
        JSON.stringify(texts.map(({ offload, git, exclude }) => [offload, git, exclude])),
        'hex',
      );

const newFolder = (path: string, place: string): Folder => ({
  kind: 'folder',
  path,
  place,
  rules: NO_RULES,
  entries: [],
});

/** From the bits of a mode, which are the same everywhere. */
function kindOf(mode: number): Kind {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'folder';
    case constants.S_IFLNK:
      return 'link';
    default:
      return 'special';
  }
}

const isAscending = (keys: readonly string[]): boolean =>
  keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);

/** By the paths that they begin: `a-b` comes before what is in `a`, since `-` comes before the slash. */
function putInOrder(entries: Folder['entries']): void {
  if (!entries.some(({ kind }) => kind === 'folder')) return;
  if (!isAscending(entries.map(({ path }) => path))) entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const unreadableRoot = (top: Folder, cause: unknown): OffloadError =>
  new OffloadError('bad-request', `The folder ${displayPath(top.place)} cannot be read.`, {
    fix: 'Name a folder that is there and that you may read.',
    cause,
  });
