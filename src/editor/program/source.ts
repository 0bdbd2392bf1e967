import { basename, dirname, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import { LANGUAGES, languageByEditorId, languageByPath, type Language } from '../../protocol/languages.ts';

/** Where code comes from. */
export interface Source {
  document: vscode.Uri;
  language: Language;
  /** The folder that paths are counted from; none for an untitled document. */
  root: vscode.Uri | undefined;
  /** The document's path from there, with `/`. */
  entry: string;
}

/**
 * Where a document's code comes from: its workspace folder, else the folder that it is in.
 * @param languageId as the editor sees it; a file that is not open has only its name
 * @throws OffloadError `not-supported` for what is no file, `unknown-language` for what cannot be run
 */
export function sourceOf(uri: vscode.Uri, languageId: string | undefined): Source {
  if (uri.scheme !== 'file' && uri.scheme !== 'untitled') {
    throw new OffloadError(
      'not-supported',
      `${basename(uri.path)} is not a file on this machine (${uri.scheme}).`,
      {
        fix: 'Save it to a folder, or copy the code to a new file.',
      },
    );
  }
  const language = languageByEditorId(languageId ?? '') ?? languageByPath(uri.path);
  if (language === undefined) throw unknownLanguage(uri, languageId);
  if (uri.scheme === 'untitled')
    return { document: uri, language, root: undefined, entry: untitledName(uri, language) };
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
  const root = folder?.scheme === 'file' ? folder : vscode.Uri.file(dirname(uri.fsPath));
  return { document: uri, language, root, entry: relative(root.fsPath, uri.fsPath).split(sep).join('/') };
}

/** `Untitled-1` is run as `Untitled-1.py`. */
function untitledName(uri: vscode.Uri, language: Language): string {
  const name = basename(uri.path);
  const isNamed = languageByPath(name) === language;
  return isNamed ? name : name + (language.extensions[0] ?? '');
}

function unknownLanguage(uri: vscode.Uri, languageId: string | undefined): OffloadError {
  const known = LANGUAGES.map(({ label }) => label).join(', ');
  const what =
    languageId === undefined ? 'a language that its name does not tell' : `the language "${languageId}"`;
  return new OffloadError('unknown-language', `${basename(uri.path)} is in ${what}, which cannot be run.`, {
    fix: `These can be run: ${known}. If it is one of them, change the language mode in the status bar.`,
  });
}
