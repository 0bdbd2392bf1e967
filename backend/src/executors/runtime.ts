import type { Language } from '../../../src/protocol/languages.ts';

/** An interpreter, ready to be bound into a box. */
export interface Interpreter {
  path: string;
  /** For people: name and version. */
  version: string;
  /** Host folders and files beyond /usr that it needs, to be bound read-only. */
  readOnly: string[];
  /** Why it is taken instead of the one that was found first, for people. */
  because?: string;
  /** What it needs in its environment. */
  env: Record<string, string>;
}

/** How the interpreters of one kind are asked what they are. */
export interface Runtime {
  /** Looks into an interpreter at an absolute path. @throws whatever shows that it is none, in words for people */
  inspect(path: string): Promise<Interpreter>;
  /** Whether an interpreter is new enough for a language; else what is missing, for people. */
  lacks?(interpreter: Interpreter, language: Language): string | undefined;
  /** The interpreter to fall back on where PATH has none. */
  own?(): string | undefined;
}
