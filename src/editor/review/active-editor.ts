import * as vscode from 'vscode';
import { isReviewTab } from './open.ts';
import type { Reviews } from './reviews.ts';

/**
 * Keeps the context `offload.inReview`: whether the active editor shows all changes of a run. VS Code says of the
 * multi-diff editor neither whose it is nor what it shows, and our buttons belong into ours alone.
 */
export function watchReviewEditors(reviews: Reviews): vscode.Disposable {
  const update = () => {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const shown = tab !== undefined && reviews.all.some((review) => isReviewTab(tab, review));
    void vscode.commands.executeCommand('setContext', 'offload.inReview', shown);
  };
  update();
  return vscode.Disposable.from(
    reviews.onDidChange(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    vscode.window.tabGroups.onDidChangeTabGroups(update),
  );
}
