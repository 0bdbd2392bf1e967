import {
  languageByEditorId,
  languageById,
  languageByPath,
  type Language,
} from '../../src/protocol/languages.ts';

/** Names that people give a language and that are neither its id nor a file ending. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['shell', 'bash'],
  ['zsh', 'bash'],
  ['node', 'javascript'],
  ['python3', 'python'],
]);

/** The language that a fence's info string names, if it can be run. */
export function runnableLanguage(info: string): Language | undefined {
  const name = fenceName(info);
  if (name === '') return undefined;
  return (
    languageById(OTHER_NAMES.get(name) ?? name) ?? languageByEditorId(name) ?? languageByPath(`x.${name}`)
  );
}

/** The language's name in an info string such as `python title="x"`. */
export const fenceName = (info: string): string => /^[\w+#-]*/.exec(info.trim())?.[0].toLowerCase() ?? '';
