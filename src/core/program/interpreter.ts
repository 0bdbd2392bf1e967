import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { OffloadError } from '../../protocol/error.ts';
import type { Language } from '../../protocol/languages.ts';

const run = promisify(execFile);

/** Milliseconds that a shim may take to say what it stands for. */
const SHIM_TIMEOUT = 10_000;

export interface Host {
  env: NodeJS.ProcessEnv;
  /** The folder from which a version manager's shim decides (`.python-version`, `.nvmrc` …). */
  cwd: string;
}

/**
 * The host's interpreter for a language: the one chosen, else the first on PATH, a version manager's shim resolved to
 * what it stands for here. Undefined where PATH has none.
 * @throws OffloadError `no-interpreter` when the chosen one is not a program, or a shim names none.
 */
export async function findInterpreter(
  language: Language,
  host: Host,
  chosen?: string,
): Promise<string | undefined> {
  if (chosen !== undefined) {
    if (isAbsolute(chosen) && (await isProgram(chosen))) return await resolveShim(chosen, language, host);
    throw new OffloadError('no-interpreter', `${chosen} is not a program that can be run.`, {
      fix: `Give the absolute path of a ${language.label} interpreter.`,
    });
  }
  for (const name of language.interpreters) {
    for (const folder of (host.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
      const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
      if (await isProgram(path)) return await resolveShim(path, language, host);
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** What each runtime prints as the path of its own program. */
const SELF: Record<Language['runtime'], string[] | undefined> = {
  python: ['-c', 'import sys; print(sys.executable)'],
  node: ['-p', 'process.execPath'],
  shell: undefined,
};

async function resolveShim(path: string, language: Language, host: Host): Promise<string> {
  const ask = SELF[language.runtime];
  if (ask === undefined || !(await isScript(path))) return path;
  try {
    const { stdout } = await run(path, ask, { cwd: host.cwd, env: host.env, timeout: SHIM_TIMEOUT });
    const resolved = stdout.trim();
    if (isAbsolute(resolved)) return resolved;
    throw new Error(`it printed ${JSON.stringify(resolved)}`);
  } catch (cause) {
    throw new OffloadError('no-interpreter', `${path} stands for no ${language.label} interpreter here.`, {
      fix: `Choose a version with your version manager, or name the interpreter in the settings.`,
      cause,
    });
  }
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === '#!';
  } finally {
    await file.close();
  }
}
