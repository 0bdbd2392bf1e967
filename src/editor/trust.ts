import * as vscode from 'vscode';
import { OffloadError } from '../protocol/error.ts';

/** @throws OffloadError `untrusted` in a workspace that the user does not trust. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new OffloadError('untrusted', 'This workspace is not trusted, so nothing of it is run or changed.', {
    fix: 'Trust it if you know who wrote it.',
  });
}
