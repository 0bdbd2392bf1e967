import ignore, { type Ignore } from 'ignore';

/** Git tells names apart by case where the file system does. */
const FOLDS_CASE = process.platform === 'win32' || process.platform === 'darwin';

/** The rules of one file, for what lies in its folder and below. */
class RuleFile {
  /** Paths that it is asked about begin with the path of its folder, which has this length. */
  readonly #skip: number;
  readonly #text: string;
  readonly #taken: readonly string[];
  readonly #matcher: Ignore;

  constructor(text: string, skip: number, taken: readonly string[] = []) {
    this.#text = text;
    this.#skip = skip;
    this.#taken = taken;
    this.#matcher = ignore({ ignoreCase: FOLDS_CASE }).add(text);
    for (const folder of taken) this.#matcher.add({ pattern: `!/${literally(folder)}` });
  }

  /** What it says of a path (of a folder with a slash at its end): undefined where it says nothing. */
  verdict(path: string): boolean | undefined {
    const { ignored, unignored } = this.#matcher.test(path.slice(this.#skip));
    if (ignored) return true;
    return unignored ? false : undefined;
  }

  /** The same rules for what lies in a folder that is taken whatever they say of the folder itself. */
  below(folder: string): RuleFile {
    if (this.verdict(folder) !== true) return this;
    return new RuleFile(this.#text, this.#skip, [...this.#taken, folder.slice(this.#skip)]);
  }
}

/** A pattern that matches a path and no other. */
const literally = (path: string): string => path.replace(/[\\*?[]/g, '\\$&');

/** What the files in a folder add to the rules. */
export interface FolderRules {
  /** The text of its `.offloadignore`. */
  readonly offload?: string | undefined;
  /** The text of its `.gitignore`. */
  readonly git?: string | undefined;
  /** Where it is the top of a repository: the text of `.git/info/exclude`, empty where there is none. */
  readonly exclude?: string | undefined;
}

/**
 * Which paths are not taken along, as gitignore(5) has it: the last matching pattern of the deepest file that has one
 * decides. `.offloadignore` is asked first, then `.gitignore`, then `.git/info/exclude`. What lies in a folder that is
 * not taken is not asked about. A repository within another has its own rules of Git alone.
 */
export class IgnoreRules {
  static readonly none = new IgnoreRules([], []);
  /** Deepest first. */
  readonly #offload: readonly RuleFile[];
  readonly #git: readonly RuleFile[];

  private constructor(offload: readonly RuleFile[], git: readonly RuleFile[]) {
    this.#offload = offload;
    this.#git = git;
  }

  /** Whether a path is left out; that of a folder ends with a slash. Its own folder's rules are {@link within} these. */
  ignores(path: string): boolean {
    for (const file of this.#offload) {
      const verdict = file.verdict(path);
      if (verdict !== undefined) return verdict;
    }
    for (const file of this.#git) {
      const verdict = file.verdict(path);
      if (verdict !== undefined) return verdict;
    }
    return false;
  }

  /** The rules for what lies directly in a folder that is taken. `path` ends with a slash; empty for the top. */
  within(path: string, own: FolderRules): IgnoreRules {
    const below = (files: readonly RuleFile[]): readonly RuleFile[] =>
      path === '' ? files : files.map((file) => file.below(path));
    const file = (text: string | undefined): RuleFile[] =>
      text === undefined ? [] : [new RuleFile(text, path.length)];
    const outer = own.exclude === undefined ? below(this.#git) : file(own.exclude);
    return new IgnoreRules([...file(own.offload), ...below(this.#offload)], [...file(own.git), ...outer]);
  }
}
