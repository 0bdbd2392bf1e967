import { asOffloadError } from '../protocol/error.ts';
import { languageById, LANGUAGES } from '../protocol/languages.ts';
import { findInterpreter, type Host } from './program/interpreter.ts';
import type { Sandbox } from './sandbox.ts';

/** One thing that a doctor looked at. */
export interface Check {
  name: string;
  ok: boolean;
  /** What was found. */
  detail: string;
  /** What to do where it is not well. */
  fix?: string;
}

export interface DoctorOptions {
  /** Whose interpreters are looked for; those of a target that has its own are not. */
  host?: Host;
  /** The interpreters that the user chose, by language. */
  interpreters?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Looks at everything that a run needs: the backend, its isolation, the interpreters. Never throws. */
export async function diagnose(sandbox: Sandbox, options: DoctorOptions): Promise<Check[]> {
  const { host, interpreters, signal } = options;
  const here = host === undefined ? [] : await checkInterpreters(host, interpreters);
  return [...(await checkBackend(sandbox, signal)), ...here];
}

async function checkBackend(sandbox: Sandbox, signal?: AbortSignal): Promise<Check[]> {
  try {
    const { build, node, capabilities } = await sandbox.environment(signal);
    const { isolation } = capabilities;
    const languages = capabilities.languages.map((id) => languageById(id)?.label ?? id).join(', ');
    return [
      { name: 'Backend', ok: true, detail: `${build} on Node ${node}, target ${capabilities.target}` },
      {
        name: 'Isolation',
        ok: isolation.available,
        detail: isolation.detail,
        ...(isolation.fix === undefined ? {} : { fix: isolation.fix }),
      },
      { name: 'Languages', ok: true, detail: languages },
    ];
  } catch (thrown) {
    return [{ name: 'Backend', ...failure(thrown) }];
  }
}

async function checkInterpreters(
  host: Host,
  interpreters: DoctorOptions['interpreters'] = {},
): Promise<Check[]> {
  return Promise.all(
    LANGUAGES.map(async (language): Promise<Check> => {
      const name = `${language.label} interpreter`;
      try {
        const path = await findInterpreter(language, host, interpreters[language.id]);
        if (path !== undefined) return { name, ok: true, detail: path };
        if (language.runtime === 'node')
          return { name, ok: true, detail: 'the Node that the backend runs on' };
        const names = language.interpreters.join(' or ');
        return { name, ok: false, detail: `${names} is not on PATH`, fix: `Install ${language.label}.` };
      } catch (thrown) {
        return { name, ...failure(thrown) };
      }
    }),
  );
}

function failure(thrown: unknown): Omit<Check, 'name'> {
  const { message, fix } = asOffloadError(thrown);
  return { ok: false, detail: message, ...(fix === undefined ? {} : { fix }) };
}
