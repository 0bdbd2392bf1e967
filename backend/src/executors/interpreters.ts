import { stat } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { languageById, LANGUAGES, type Language } from '../../../src/protocol/languages.ts';
import { findProgram } from '../isolation/find-program.ts';
import { RUNTIMES, type Interpreter } from './runtime.ts';

/** Finds the interpreters of this machine and remembers what they said of themselves, until their files change. */
export class Interpreters {
  readonly #known = new Map<string, Promise<Interpreter>>();

  /**
   * The interpreter for a language: the one asked for, else the first on PATH, else the backend's own.
   * @throws OffloadError `no-interpreter` where there is none, or the one asked for does not do
   */
  async find(language: Language, wanted?: string): Promise<Interpreter> {
    const runtime = RUNTIMES[language.runtime];
    const onPath = language.interpreters.map((name) => findProgram(name)).find((path) => path !== undefined);
    const own = runtime.own?.();
    const first = wanted ?? onPath;
    if (first === undefined && own === undefined) throw this.#none(language);
    const found = first === undefined ? undefined : await this.#inspect(language, first);
    const lack = found === undefined ? undefined : runtime.lacks?.(found, language);
    if (found !== undefined && lack === undefined) return found;
    const fallback = own === undefined ? undefined : await this.#inspect(language, own);
    if (fallback !== undefined && runtime.lacks?.(fallback, language) === undefined) return fallback;
    throw new OffloadError(
      'no-interpreter',
      `There is no interpreter for ${language.label}: ${lack ?? 'none was found'}.`,
      {
        fix: `Install one that does, or name it in the setting "offload.interpreters".`,
      },
    );
  }

  /** What is there for each language, for people. */
  async survey(): Promise<{ language: Language; interpreter?: Interpreter; error?: OffloadError }[]> {
    return Promise.all(
      LANGUAGES.map(async (language) => {
        try {
          return { language, interpreter: await this.find(language) };
        } catch (error) {
          return { language, error: error as OffloadError };
        }
      }),
    );
  }

  async #inspect(language: Language, path: string): Promise<Interpreter> {
    try {
      const { mtimeMs, ino } = await stat(path);
      const key = [language.runtime, path, mtimeMs, ino].join(delimiter);
      const known = this.#known.get(key) ?? RUNTIMES[language.runtime].inspect(path);
      this.#known.set(key, known);
      known.catch(() => this.#known.delete(key));
      return await known;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OffloadError('no-interpreter', `${path} cannot be used to run ${language.label}: ${reason}`, {
        fix: 'Choose another interpreter: the setting "offload.interpreters", or PATH.',
        cause,
      });
    }
  }

  #none(language: Language): OffloadError {
    const names = language.interpreters.join(' or ');
    return new OffloadError(
      'no-interpreter',
      `No interpreter for ${language.label} was found: ${names} is not on PATH.`,
      {
        fix: `Install ${language.label}, or name its interpreter in the setting "offload.interpreters".`,
      },
    );
  }
}

/** @throws OffloadError `unknown-language`, naming those that there are */
export function requireLanguage(id: string): Language {
  const language = languageById(id);
  if (language !== undefined) return language;
  const known = LANGUAGES.map((l) => l.id).join(', ');
  throw new OffloadError('unknown-language', `The language ${JSON.stringify(id)} cannot be run.`, {
    fix: `Choose one of ${known}.`,
  });
}
