import * as vscode from 'vscode';
import { displayPath } from '../../core/changes/display.ts';
import { counted, size } from '../counted.ts';
import { OPERATIONS } from './open.ts';
import { Review, type ReviewFile } from './review.ts';
import type { Reviews } from './reviews.ts';

type Node = Review | ReviewFile;

/** The view of runs with changes to decide on, and their files. It is there as long as there are any. */
export class ChangesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #reviews: Reviews;
  readonly #view: vscode.TreeView<Node>;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(reviews: Reviews) {
    this.#reviews = reviews;
    this.#view = vscode.window.createTreeView('offload.changes', { treeDataProvider: this });
    this.#subscription = reviews.onDidChange(() => {
      this.#refresh();
    });
    this.#refresh();
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) return this.#reviews.all;
    return node instanceof Review ? [...node.files] : [];
  }

  getParent(node: Node): Node | undefined {
    return node instanceof Review ? undefined : node.review;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node instanceof Review ? reviewItem(node) : fileItem(node);
  }

  /** Shows a run's files, each with its buttons, beside the editor of its changes. */
  reveal(review: Review): void {
    // Nobody waits for a view to open; where it cannot, the editor of the changes is there all the same.
    this.#view.reveal(review, { select: false, focus: false, expand: true }).then(undefined, () => undefined);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #refresh(): void {
    const count = this.#reviews.all.reduce((sum, { files }) => sum + files.length, 0);
    void vscode.commands.executeCommand('setContext', 'offload.hasChanges', count > 0);
    const tooltip = `${counted(count, 'changed file')} to review`;
    this.#view.badge = count > 0 ? { value: count, tooltip } : undefined;
    this.#changed.fire(undefined);
  }
}

function reviewItem(review: Review): vscode.TreeItem {
  const { record, files } = review;
  const item = new vscode.TreeItem(displayPath(record.title), vscode.TreeItemCollapsibleState.Expanded);
  const time = new Date(record.createdAt).toLocaleTimeString(undefined, { timeStyle: 'short' });
  item.id = record.runId;
  item.description = `${counted(files.length, 'file')} · ${time}`;
  item.iconPath = new vscode.ThemeIcon('package');
  item.contextValue = 'run';
  item.tooltip = `${review.title}: ${counted(files.length, 'changed file')} to review`;
  item.accessibilityInformation = { label: item.tooltip };
  return item;
}

/** How a changed file stands in the view: its name, what became of it, and whether it needs approval. */
export function fileItem(file: ReviewFile): vscode.TreeItem {
  const { label, guarded, change, uri, review } = file;
  const end = label.lastIndexOf('/') + 1;
  const item = new vscode.TreeItem(label.slice(end), vscode.TreeItemCollapsibleState.None);
  const { done } = OPERATIONS[change.operation];
  const folder = label.slice(0, Math.max(0, end - 1));
  item.id = `${review.record.runId}/${change.path}`;
  item.resourceUri = uri;
  item.description = guarded === undefined ? folder : `${folder} · needs approval`.replace(/^ · /, '');
  item.tooltip = [
    `${label}: ${done}`,
    ...sizeAndHash(file),
    ...(guarded === undefined ? [] : [guarded]),
  ].join('\n');
  item.contextValue = 'change';
  item.command = { command: 'offload.openChange', title: 'Open Change', arguments: [file] };
  const spoken = [label, done, ...(guarded === undefined ? [] : ['needs approval'])];
  item.accessibilityInformation = { label: spoken.join(', ') };
  return item;
}

/** What tells two versions of a file apart where their text cannot be shown. */
function sizeAndHash({ change, review }: ReviewFile): string[] {
  if (change.hash === undefined) return [];
  const before = review.snapshot.get(change.path);
  const sizes = [...(before === undefined ? [] : [size(before.size)]), size(change.size)];
  return [sizes.join(' → '), `SHA-256 ${change.hash.slice(0, 16)}…`];
}
