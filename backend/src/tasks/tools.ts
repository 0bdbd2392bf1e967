import { dirname } from 'node:path';
import { languageById } from '../../../src/protocol/languages.ts';
import type { Interpreters } from '../executors/interpreters.ts';

/** Languages whose interpreters an agent finds on its PATH, where the host has them. */
const LANGUAGES_AT_HAND = ['python', 'javascript'];

/** What of the host's programs a box gets besides /usr. */
export interface Tools {
  /** Folders of programs, for PATH. */
  path: string[];
  /** Host paths, bound read-only. */
  readOnly: string[];
  env: Record<string, string>;
}

/** The interpreters of the host, for an agent that runs what it writes. */
export async function hostTools(interpreters: Pick<Interpreters, 'find'>): Promise<Tools> {
  const tools: Tools = { path: [], readOnly: [], env: {} };
  for (const id of LANGUAGES_AT_HAND) {
    const language = languageById(id);
    // An agent does without.
    const found =
      language && (await interpreters.find(language, { interpreterFrom: 'path' }).catch(() => undefined));
    if (found === undefined) continue;
    tools.path.push(dirname(found.path));
    tools.readOnly.push(...found.readOnly);
    Object.assign(tools.env, found.env);
  }
  return { ...tools, path: [...new Set(tools.path)], readOnly: [...new Set(tools.readOnly)] };
}
