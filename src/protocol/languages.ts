/**
 * The languages that can be run: one row each, read by the backend (how it is run), the CLI (file endings) and the
 * editor (its language ids). A further language is a further row.
 */
export interface Language {
  /** Its id in requests. */
  id: string;
  /** Its name for people. */
  label: string;
  /** VS Code's language ids. */
  editorIds: readonly string[];
  /** File endings; the first names a program that has no file. */
  extensions: readonly string[];
  /** Names under which its interpreter is looked for on PATH, the likeliest first. */
  interpreters: readonly string[];
  /** How its interpreter is recognised and what of the host it needs: see the backend's runtimes. */
  runtime: 'python' | 'node' | 'shell';
  /** Arguments between the interpreter and the entry file. */
  flags: readonly string[];
  /**
   * The resource limit that bounds the memory of a single process. Address space suits most programs; V8 reserves far
   * more of it than it uses, so that its processes are held by their data segment.
   */
  memoryLimit: 'as' | 'data';
}

export const LANGUAGES: readonly Language[] = [
  {
    id: 'python',
    label: 'Python',
    editorIds: ['python'],
    extensions: ['.py'],
    interpreters: ['python3', 'python'],
    runtime: 'python',
    flags: ['-u'],
    memoryLimit: 'as',
  },
  {
    id: 'javascript',
    label: 'JavaScript',
    editorIds: ['javascript'],
    extensions: ['.js', '.mjs', '.cjs'],
    interpreters: ['node'],
    runtime: 'node',
    flags: [],
    memoryLimit: 'data',
  },
  {
    id: 'typescript',
    label: 'TypeScript',
    editorIds: ['typescript'],
    extensions: ['.ts', '.mts', '.cts'],
    interpreters: ['node'],
    runtime: 'node',
    flags: ['--disable-warning=ExperimentalWarning'],
    memoryLimit: 'data',
  },
  {
    id: 'bash',
    label: 'Bash',
    editorIds: ['shellscript'],
    extensions: ['.sh', '.bash'],
    interpreters: ['bash'],
    runtime: 'shell',
    flags: [],
    memoryLimit: 'as',
  },
];

/** The language of that name in requests. */
export const languageById = (id: string): Language | undefined => LANGUAGES.find((l) => l.id === id);

/** The language that the editor calls so. */
export const languageByEditorId = (id: string): Language | undefined =>
  LANGUAGES.find((l) => l.editorIds.includes(id));

/** The language of a file by its ending, in any case. */
export const languageByPath = (path: string): Language | undefined =>
  LANGUAGES.find((l) => l.extensions.some((ending) => path.toLowerCase().endsWith(ending)));
