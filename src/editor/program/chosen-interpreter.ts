import { homedir } from 'node:os';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { findInterpreter } from '../../core/program/interpreter.ts';
import type { Program } from '../../core/program/program.ts';
import type { Settings } from '../settings/settings.ts';
import type { Source } from './source.ts';

/** What is used of the Python extension's interface. */
interface Environments {
  getActiveEnvironmentPath(resource: vscode.Uri | undefined): unknown;
  resolveEnvironment(path: unknown): Promise<unknown>;
}
const environmentsSchema = z.object({
  environments: z.custom<Environments>(
    (value: Partial<Environments> | null) =>
      typeof value?.getActiveEnvironmentPath === 'function' && typeof value.resolveEnvironment === 'function',
  ),
});
const environmentSchema = z.object({ executable: z.object({ uri: z.object({ fsPath: z.string() }) }) });

/** What a request says of its interpreter; nothing where there is none. */
type UsedInterpreter = Pick<Program, 'interpreter' | 'interpreterFrom'>;

/**
 * The interpreter for a source: the setting's, else for Python the one selected in the Python extension, else the
 * first on PATH. Nothing where there is none: then the backend looks, and says so if it finds none either.
 * @throws OffloadError `no-interpreter` when the chosen one cannot be run
 */
export async function chosenInterpreter(
  source: Source,
  settings: Settings,
  log: vscode.LogOutputChannel,
): Promise<UsedInterpreter> {
  const { language, root, document } = source;
  const chosen =
    settings.interpreters[language.id] ??
    (language.id === 'python' ? await selectedPython(document, log) : undefined);
  const cwd = root?.fsPath ?? homedir();
  const interpreter = await findInterpreter(language, { env: process.env, cwd }, chosen);
  return interpreter === undefined
    ? {}
    : { interpreter, interpreterFrom: chosen === undefined ? 'path' : 'choice' };
}

/** The interpreter that the user selected in the Python extension, where that one is running. */
export async function selectedPython(
  resource: vscode.Uri | undefined,
  log: vscode.LogOutputChannel,
): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension('ms-python.python');
  if (extension?.isActive !== true) return undefined;
  try {
    const { environments } = environmentsSchema.parse(extension.exports);
    const path = environments.getActiveEnvironmentPath(resource);
    const environment = environmentSchema.safeParse(await environments.resolveEnvironment(path));
    return environment.data?.executable.uri.fsPath;
  } catch (error) {
    log.warn('The Python extension could not be asked for its interpreter.', error);
    return undefined;
  }
}
