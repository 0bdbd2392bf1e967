import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { placeRoots, type PlacedRoot } from '../../core/workspace/roots.ts';
import type { RunRecord } from '../run/record.ts';

/** A folder of this window, and its place in a snapshot. */
export interface WindowRoot extends PlacedRoot {
  uri: vscode.Uri;
  /** Absolute, as the window has it. */
  path: string;
  name: string;
}

/**
 * The window's folders that are on this machine, placed as a snapshot of them is.
 * @throws OffloadError `bad-request` for one that is gone
 */
export function windowRoots(): WindowRoot[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0) return [];
  const roots = folders.map(({ uri, name }) => ({ uri, path: uri.fsPath, name }));
  return placeRoots(roots).flatMap((placed, index) => {
    const root = roots[index];
    return root === undefined ? [] : [{ ...root, ...placed }];
  });
}

/** How a record says where paths of such a snapshot lie. */
export function recordedRoots(roots: readonly WindowRoot[]): Pick<RunRecord, 'root' | 'roots'> {
  const [only] = roots;
  if (only === undefined) return {};
  if (roots.length === 1) return { root: only.uri.toString() };
  return { roots: roots.map(({ prefix, uri }) => ({ name: prefix.slice(0, -1), uri: uri.toString() })) };
}

/** The path of a file in a snapshot of the window's folders; undefined for one that is in none of them. */
export function pathInSnapshot(uri: vscode.Uri, roots: readonly WindowRoot[]): string | undefined {
  if (uri.scheme !== 'file') return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
  const root = roots.find((each) => each.uri.toString() === folder);
  if (root === undefined) return undefined;
  return root.prefix + relative(root.path, uri.fsPath).split(sep).join('/');
}
