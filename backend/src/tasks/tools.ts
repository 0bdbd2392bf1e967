import { dirname } from 'node:path';
import { languageById } from '../../../src/protocol/languages.ts';
import type { Interpreters } from '../executors/interpreters.ts';

/** Languages whose interpreters an agent finds on its PATH, where the place has them. */
const LANGUAGES_AT_HAND = ['python', 'javascript'];

/** What of the place's programs a box gets besides /usr: the host's, or those of the image. */
export interface Tools {
  /** Folders of programs, for PATH. */
  path: string[];
  /** Paths on the host, bound read-only. */
  readOnly: string[];
  env: Record<string, string>;
}

/** The interpreters of the place, for an agent that runs what it writes. */
export async function toolsAtHand(interpreters: Pick<Interpreters, 'find'>): Promise<Tools> {
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
