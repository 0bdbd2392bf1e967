import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RunState } from '../../core/run/state.ts';
import type { RunEvent } from '../../protocol/event.ts';
import { plainText } from '../plain-text.ts';
import type { RunRecord } from '../run/record.ts';
import type { RunView } from '../run/run-view.ts';
import { OutputPacer } from './output-pacer.ts';
import { ProgramText } from './program-text.ts';
import { gapLine, heading, lostLine, summary } from './summary.ts';
import { TaskText } from './task-text.ts';

/** What Ctrl+C types. */
const INTERRUPT = '\x03';

/** The terminal that shows the runs of a document or the tasks of a conversation, one after the other. */
export class RunTerminal implements RunView, vscode.Disposable {
  readonly terminal: vscode.Terminal;
  /** The run that is shown last. */
  record: RunRecord;
  readonly #write = new vscode.EventEmitter<string>();
  /** What goes to the screen. */
  readonly onDidWrite = this.#write.event;
  readonly #pacer = new OutputPacer({
    write: (text) => {
      this.#write.fire(text);
    },
    gap: gapLine,
  });
  #text: ProgramText | TaskText = new ProgramText();
  #onInterrupt: (() => void) | undefined;
  /** How the run that is shown last ended. */
  ended: RunState | undefined;

  constructor(record: RunRecord) {
    this.record = record;
    this.terminal = vscode.window.createTerminal({
      name: plainText(record.entry === undefined ? record.title : basename(record.entry)),
      iconPath: new vscode.ThemeIcon('package'),
      isTransient: true,
      pty: {
        onDidWrite: this.onDidWrite,
        open: () => {
          this.#pacer.start();
        },
        close: () => {
          this.#pacer.dispose();
        },
        handleInput: (data: string) => {
          if (data.includes(INTERRUPT)) this.#onInterrupt?.();
        },
      },
    });
  }

  get isSeen(): boolean {
    return vscode.window.state.focused && vscode.window.activeTerminal === this.terminal;
  }

  get isBusy(): boolean {
    return this.#onInterrupt !== undefined;
  }

  /** Begins to show a run. Ctrl+C calls `onInterrupt` until it has ended. */
  begin(record: RunRecord, onInterrupt: () => void): void {
    this.record = record;
    this.ended = undefined;
    this.#text = record.task === undefined ? new ProgramText() : new TaskText(record);
    this.#onInterrupt = onInterrupt;
    this.#pacer.begin();
    this.#pacer.push(heading(record.title, record.details));
    this.terminal.show(true);
  }

  show(event: RunEvent): void {
    this.#pacer.push(this.#text.of(event));
  }

  /** Shows how the run ended, after all of its output. */
  async end(state: RunState): Promise<void> {
    this.#onInterrupt = undefined;
    this.ended = state;
    this.#pacer.push(summary(state, this.record.hourUsd));
    await this.#pacer.drained();
  }

  /** Shows why the run can no longer be followed. */
  lose(message: string, fix: string | undefined): void {
    this.#onInterrupt = undefined;
    this.#pacer.push(lostLine(message, fix));
  }

  dispose(): void {
    this.#pacer.dispose();
    this.terminal.dispose();
    this.#write.dispose();
  }
}
