import ignore, { type Ignore } from 'ignore';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Found } from './walk.ts';

/** Files whose patterns say what is left where it is. All of a name are asked before any of the next. */
const IGNORE_FILES = ['.offloadignore', '.gitignore'];
/** Bytes of an ignore file that are read; a larger one says nothing. */
const MAX_BYTES = 256 * 1024;
/**
 * Milliseconds that all of it may take: an agent writes the patterns. What has not been looked at then is not ignored.
 * Since folders are looked at from the outside in, one look takes but a few times as long as the one before.
 */
const MAX_TIME = 1000;
/** Folders of what tools make again, and git's own, which no ignore file need name. */
const TOOLS_FOLDERS: ReadonlySet<string> = new Set(['.git', 'node_modules', '__pycache__', '.venv']);

/**
 * What a workspace's own ignore files name, as they stand in it (gitignore(5)): those of deeper folders count more, and
 * nothing below an ignored folder is taken in again.
 */
export class Ignored {
  /** For each name, the patterns by the folder that they are written for, `''` for the root. */
  readonly #patterns = IGNORE_FILES.map(() => new Map<string, Ignore>());
  /** The outermost ignored folder of a folder, once it has been asked for. */
  readonly #folders = new Map<string, string | undefined>([['', undefined]]);
  #spentMs = 0;

  constructor(folder: string, all: readonly Found[]) {
    for (const { path, stats } of all) {
      if (path === undefined || !stats.isFile()) continue;
      const patterns = this.#patterns[IGNORE_FILES.indexOf(nameOf(path))];
      if (patterns === undefined) continue;
      this.#timed(() => {
        patterns.set(folderOf(path), ignore({ ignoreCase: false }).add(readPatterns(join(folder, path))));
      });
    }
  }

  /** The outermost thing that is ignored of a file's path, a folder or the file itself; undefined where nothing is. */
  outermost(path: string): string | undefined {
    return this.#folder(folderOf(path)) ?? (this.#isIgnored(path, '') ? path : undefined);
  }

  #timed<T>(act: () => T): T | undefined {
    if (this.#spentMs > MAX_TIME) return undefined;
    const started = performance.now();
    try {
      return act();
    } finally {
      this.#spentMs += performance.now() - started;
    }
  }

  #folder(folder: string): string | undefined {
    if (this.#folders.has(folder)) return this.#folders.get(folder);
    const found =
      this.#folder(folderOf(folder)) ??
      (TOOLS_FOLDERS.has(nameOf(folder)) || this.#isIgnored(folder, '/') ? folder : undefined);
    this.#folders.set(folder, found);
    return found;
  }

  /** Asks the patterns of one name after the other, of each folder that a path lies in, the nearest first. */
  #isIgnored(path: string, end: '' | '/'): boolean {
    for (const patterns of this.#patterns) {
      if (patterns.size === 0) continue;
      const verdict = this.#timed(() => ask(patterns, path, end));
      if (verdict !== undefined) return verdict;
    }
    return false;
  }
}

/** Undefined where no pattern says anything. */
function ask(patterns: ReadonlyMap<string, Ignore>, path: string, end: '' | '/'): boolean | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const own = patterns.get(folder);
    if (own !== undefined) {
      const below = folder === '' ? path : path.slice(folder.length + 1);
      const { ignored, unignored } = own.test(below + end);
      if (unignored) return false;
      if (ignored && !isByFolder(own, below)) return true;
    }
    if (folder === '') return undefined;
  }
}

/** Whether it is the folder that is ignored, which a deeper file has taken in again since nothing above is ignored. */
const isByFolder = (patterns: Ignore, below: string): boolean =>
  below.includes('/') && patterns.test(`${folderOf(below)}/`).ignored;

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function readPatterns(place: string): string {
  try {
    const file = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return fstatSync(file).size > MAX_BYTES ? '' : readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
