import { readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { toContent } from '../../core/program/content.ts';
import { OffloadError } from '../../protocol/error.ts';
import { MAX_CODE_BYTES, type InputFile } from '../../protocol/request.ts';
import type { Source } from './source.ts';

/**
 * The file as the user sees it: what the editor would save if it has unsaved edits, else the bytes on the disk, so
 * that encoding, byte order mark and line endings are the file's own.
 * @throws OffloadError `bad-request` when it cannot be read, `too-large` before a huge one is read
 */
export async function sentFile(source: Source): Promise<InputFile> {
  const document = openDocument(source.document);
  const { mode, size } = await described(source.document);
  if (document?.isDirty !== true && size > MAX_CODE_BYTES) throw tooLarge(source.entry);
  const bytes = document?.isDirty === true ? await savedBytes(document) : await read(source.document);
  return { path: source.entry, mode, content: toContent(bytes) };
}

export const openDocument = (uri: vscode.Uri): vscode.TextDocument | undefined =>
  vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());

/** The bytes that saving a document would write. */
export const savedBytes = async (document: vscode.TextDocument): Promise<Buffer> =>
  Buffer.from(await vscode.workspace.encode(document.getText(), { encoding: document.encoding }));

async function described(uri: vscode.Uri): Promise<{ mode: number; size: number }> {
  if (uri.scheme !== 'file') return { mode: 0o644, size: 0 };
  try {
    const { mode, size } = await stat(uri.fsPath);
    return { mode: mode & 0o777, size };
  } catch (cause) {
    // An open document whose file is gone is still seen.
    if (openDocument(uri)?.isDirty === true) return { mode: 0o644, size: 0 };
    throw unreadable(uri, cause);
  }
}

async function read(uri: vscode.Uri): Promise<Buffer> {
  if (uri.scheme !== 'file') return Buffer.from(openDocument(uri)?.getText() ?? '');
  try {
    return await readFile(uri.fsPath);
  } catch (cause) {
    throw unreadable(uri, cause);
  }
}

const unreadable = (uri: vscode.Uri, cause: unknown) =>
  new OffloadError('bad-request', `${uri.fsPath} cannot be read.`, {
    fix: 'See that the file is there and that you may read it.',
    cause,
  });

const tooLarge = (path: string) =>
  new OffloadError('too-large', `${path} takes more than ${String(MAX_CODE_BYTES / 1024 ** 2)} MB.`, {
    fix: 'Run less at once, or read the data from a smaller file.',
  });
