import { statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { languageById, LANGUAGES, type Language } from '../../../src/protocol/languages.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { findProgram } from '../isolation/find-program.ts';
import type { Interpreter } from './runtime.ts';
import { RUNTIMES } from './runtimes.ts';

/** What a request says of its interpreter. */
type WantedInterpreter = Pick<RunRequest, 'interpreter' | 'interpreterFrom'>;

/** Finds the interpreters of this machine and remembers what they said of themselves, until their files change. */
export class Interpreters {
  readonly #known = new Map<string, Promise<Interpreter>>();

  /**
   * The interpreter for a language: the one asked for, else the first on PATH. One that was not chosen and does not do
   * gives way to the backend's own.
   * @throws OffloadError `no-interpreter` where there is none, or the chosen one does not do
   */
  async find(language: Language, wanted: WantedInterpreter = {}): Promise<Interpreter> {
    const { interpreter, interpreterFrom = 'choice' } = wanted;
    const runtime = RUNTIMES[language.runtime];
    const first = interpreter ?? firstOnPath(language);
    const found = first === undefined ? undefined : await this.#inspect(language, first);
    const lack = found === undefined ? undefined : runtime.lacks?.(found, language);
    if (found !== undefined && lack === undefined) return found;
    const isChoice = interpreter !== undefined && interpreterFrom === 'choice';
    const own = isChoice ? undefined : runtime.own?.();
    const fallback = own === undefined ? undefined : await this.#inspect(language, own);
    if (fallback !== undefined && runtime.lacks?.(fallback, language) === undefined) {
      return lack === undefined ? fallback : { ...fallback, because: lack };
    }
    const names = language.interpreters.join(' or ');
    const why = lack ?? `${names} is not on PATH`;
    throw new OffloadError('no-interpreter', `There is no interpreter for ${language.label}: ${why}.`, {
      fix: `Install one, or name it in the setting "offload.interpreters".`,
    });
  }

  async #inspect(language: Language, path: string): Promise<Interpreter> {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) throw new Error('there is no such file');
      const key = [language.runtime, path, stats.mtimeMs, stats.ino].join(delimiter);
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
}

const firstOnPath = ({ interpreters }: Language): string | undefined =>
  interpreters.map((name) => findProgram(name)).find((path) => path !== undefined);

/** @throws OffloadError `unknown-language`, naming those that there are */
export function requireLanguage(id: string): Language {
  const language = languageById(id);
  if (language !== undefined) return language;
  const known = LANGUAGES.map((l) => l.id).join(', ');
  throw new OffloadError('unknown-language', `The language ${JSON.stringify(id)} cannot be run.`, {
    fix: `Choose one of ${known}.`,
  });
}
