import * as vscode from 'vscode';
import type { StepEvent } from '../../core/deploy/steps.ts';
import { lineItem, stepItem } from './step-item.ts';
import { StepList, type ShownStep } from './step-list.ts';

type Node = ShownStep | { line: string };

/** Milliseconds in which what was told is drawn together. */
const DRAW_MS = 100;

/** The view of the steps of a deploy, or of a removal. It is there from its beginning until it is closed. */
export class DeployView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<Node>;
  #steps = new StepList();
  #drawing: NodeJS.Timeout | undefined;
  isDisposed = false;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor() {
    this.#view = vscode.window.createTreeView('offload.deploy', { treeDataProvider: this });
    // What was shown before a reload is not known any more.
    void this.hide();
  }

  get steps(): StepList {
    return this.#steps;
  }

  /** Begins anew, and comes to the front. @param where whose it is, in a few words */
  async begin(where: string): Promise<void> {
    this.#steps = new StepList();
    this.#view.description = where;
    this.#view.message = '';
    await vscode.commands.executeCommand('setContext', 'offload.deployShown', true);
    this.#draw();
    this.reveal();
  }

  take(event: StepEvent): void {
    if (this.isDisposed) return;
    this.#steps.take(event);
    this.#drawing ??= setTimeout(() => {
      this.#draw();
    }, DRAW_MS);
  }

  /** Says how it ended. */
  end(message: string): void {
    if (this.isDisposed) return;
    this.#view.message = message;
    this.#draw();
  }

  reveal(): void {
    // Nobody waits for a view to open; the notification tells the same.
    vscode.commands.executeCommand('offload.deploy.focus').then(undefined, () => undefined);
  }

  async hide(): Promise<void> {
    await vscode.commands.executeCommand('setContext', 'offload.deployShown', false);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'line' in node ? lineItem(node.line) : stepItem(node);
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) return this.#steps.top;
    if ('line' in node) return [];
    const parts = node.parts.map((id) => this.#steps.get(id)).filter((each) => each !== undefined);
    return [...parts, ...node.tail.map((line) => ({ line }))];
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.#drawing);
    this.#view.dispose();
    this.#changed.dispose();
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#changed.fire(undefined);
  }
}
