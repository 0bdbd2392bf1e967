import * as vscode from 'vscode';
import { subjectOf, type RunRecord } from '../run/record.ts';
import { RunTerminal } from './run-terminal.ts';

/** Our terminals: one for each document and each conversation, taken again for its next run once its last one has ended. */
export class Terminals implements vscode.Disposable {
  readonly #open = new Set<RunTerminal>();
  readonly #closed = new vscode.EventEmitter<RunTerminal>();
  readonly #subscription = vscode.window.onDidCloseTerminal((terminal) => {
    const own = this.of(terminal);
    if (own === undefined) return;
    this.#open.delete(own);
    own.dispose();
    // A terminal that goes with its window was not closed by the user; its run goes on.
    if (terminal.exitStatus?.reason === vscode.TerminalExitReason.User) this.#closed.fire(own);
  });

  /** Fires when the user has closed one. */
  readonly onDidClose = this.#closed.event;

  /** A terminal for what a run belongs to that shows no other run now. */
  forRun(record: RunRecord): RunTerminal {
    const idle = [...this.#open].find((each) => !each.isBusy && subjectOf(each.record) === subjectOf(record));
    if (idle !== undefined) return idle;
    const fresh = new RunTerminal(record);
    this.#open.add(fresh);
    return fresh;
  }

  of(terminal: vscode.Terminal | undefined): RunTerminal | undefined {
    return [...this.#open].find((each) => each.terminal === terminal);
  }

  ofRun(runId: string): RunTerminal | undefined {
    return [...this.#open].find((each) => each.record.runId === runId);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#closed.dispose();
    for (const each of this.#open) each.dispose();
    this.#open.clear();
  }
}
