import assert from 'node:assert/strict';
import { languageById, type Language } from '../../../src/protocol/languages.ts';

/** The language of an id that there is. */
export function language(id: string): Language {
  const found = languageById(id);
  assert(found, `no language ${id}`);
  return found;
}
