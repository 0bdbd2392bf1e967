import * as vscode from 'vscode';
import { ReviewFileSystem, type ReviewFiles } from './file-system.ts';
import { REVIEW_SCHEME, SNAPSHOT_SCHEME } from './schemes.ts';

/** Registers the file systems of review copies and snapshots. */
export function registerReviewFiles(files: () => Promise<ReviewFiles>): vscode.Disposable {
  const copies = new ReviewFileSystem(files);
  const snapshots = new ReviewFileSystem(files);
  return vscode.Disposable.from(
    vscode.workspace.registerFileSystemProvider(REVIEW_SCHEME, copies, { isCaseSensitive: true }),
    vscode.workspace.registerFileSystemProvider(SNAPSHOT_SCHEME, snapshots, {
      isCaseSensitive: true,
      isReadonly: true,
    }),
  );
}
