import * as vscode from 'vscode';
import type { RunRecord } from './record.ts';

/** A file of the user's: one of a run's folders, and the path from there. */
export interface Place {
  root: vscode.Uri;
  /** With `/`. */
  path: string;
}

/** Where a path of a run's workspace lies; undefined where the run has no folder, or the path is in none of them. */
export function placeOf({ root, roots }: Pick<RunRecord, 'root' | 'roots'>, path: string): Place | undefined {
  if (root !== undefined) return { root: vscode.Uri.parse(root, true), path };
  const slash = path.indexOf('/');
  const found = roots?.find(({ name }) => slash !== -1 && name === path.slice(0, slash));
  return found && { root: vscode.Uri.parse(found.uri, true), path: path.slice(slash + 1) };
}
