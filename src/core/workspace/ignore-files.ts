import { closeSync, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';
import { displayPath } from '../changes/display.ts';
import { errnoOf } from '../errno.ts';
import { OPEN_FILE } from '../changes/open-flags.ts';
import { IgnoreRules, type FolderRules } from './ignore-rules.ts';

/** Bytes of a file of rules at most: what is larger is none. */
const MAX_RULES_BYTES = 1024 * 1024;

const IGNORE_FILES = { offload: '.offloadignore', git: '.gitignore' } as const;

/** The text of a file that the user has open and not saved, by its absolute path. */
export type UnsavedText = (place: string) => string | undefined;

/**
 * The text of a plain file; undefined where there is none: a link is not followed (nor is it by Git), and a named pipe
 * is not waited for.
 * @throws OffloadError `bad-setting` for one that is there and cannot be read: what it would leave out would be sent
 */
function readRules(place: string): string | undefined {
  let file: number;
  try {
    file = openSync(place, OPEN_FILE);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP' || errno === 'ENXIO') return undefined;
    throw unusable(place, `cannot be read (${errno ?? 'unknown reason'})`, cause);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return undefined;
    if (stats.size > MAX_RULES_BYTES) throw unusable(place, 'is larger than 1 MB');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

const unusable = (place: string, why: string, cause?: unknown): OffloadError =>
  new OffloadError('bad-setting', `${displayPath(place)} ${why}, so that what it leaves out is not known.`, {
    fix: 'Make it readable, or remove it.',
    cause,
  });

/** The rules that a folder's own files add; `names` are what is in it. */
export function folderRules(folder: string, names: readonly string[], unsaved: UnsavedText): FolderRules {
  const read = (name: string): string | undefined => {
    if (!names.includes(name)) return undefined;
    const place = join(folder, name);
    return unsaved(place) ?? readRules(place);
  };
  return {
    offload: read(IGNORE_FILES.offload),
    git: read(IGNORE_FILES.git),
    exclude: names.includes('.git') ? (readExclude(folder) ?? '') : undefined,
  };
}

/** The text of a repository's own list of what it ignores. */
function readExclude(top: string): string | undefined {
  const common = commonFolder(join(top, '.git'));
  return common === undefined ? undefined : readRules(join(common, 'info', 'exclude'));
}

/** The folder of a repository that its work trees share; see gitrepository-layout(5), "gitdir" and "commondir". */
function commonFolder(git: string): string | undefined {
  if (statSync(git, { throwIfNoEntry: false })?.isDirectory() === true) return git;
  const pointer = /^gitdir: (.+?)\r?\n*$/.exec(readRules(git) ?? '')?.[1];
  if (pointer === undefined) return undefined;
  const folder = resolve(dirname(git), pointer);
  const common = readRules(join(folder, 'commondir'))?.trim();
  if (common === undefined || common === '') return folder;
  return isAbsolute(common) ? common : join(folder, common);
}

const NAMES_ABOVE = Object.values(IGNORE_FILES);

/** What holds above a root. */
export interface RulesAbove {
  readonly rules: IgnoreRules;
  /** The root's path as the rules know it: empty, or with a slash at its end. */
  readonly path: string;
  /** What `rules` are made of. */
  readonly texts: readonly FolderRules[];
}

/**
 * What the folders above a root say of what is in it, up to the top of the repository that it is in. The root
 * itself is taken whatever they say.
 */
export function rulesAbove(root: string, unsaved: UnsavedText): RulesAbove {
  const above = foldersAbove(root);
  let rules = IgnoreRules.none;
  let path = '';
  const texts: FolderRules[] = [];
  for (const [index, folder] of above.entries()) {
    const names = index === 0 ? [...NAMES_ABOVE, '.git'] : NAMES_ABOVE;
    const own = folderRules(folder, names, unsaved);
    texts.push(own);
    rules = rules.within(path, own);
    const next = above[index + 1] ?? root;
    path += `${next.slice(folder.length).replace(/^[/\\]/, '')}/`;
  }
  return { rules, path, texts };
}

/** The folders between the top of the repository and a folder in it, outermost first; none for a top. */
function foldersAbove(root: string): string[] {
  if (isTop(root)) return [];
  const above: string[] = [];
  for (let folder = dirname(root), last = root; folder !== last; last = folder, folder = dirname(folder)) {
    above.unshift(folder);
    if (isTop(folder)) return above;
  }
  return [];
}

const isTop = (folder: string): boolean =>
  lstatSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
