import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { RunState } from '../../core/run/state.ts';
import type { OutputEvent, RunEvent } from '../../protocol/event.ts';
import { plainText } from '../plain-text.ts';
import type { RunRecord } from '../run/record.ts';
import { EscapeFilter } from './escape-filter.ts';
import { OutputPacer } from './output-pacer.ts';
import { gapLine, heading, lostLine, noticeLine, summary } from './summary.ts';

/** What Ctrl+C types. */
const INTERRUPT = '\x03';

/** The terminal that shows a document's runs, one after the other. */
export class RunTerminal implements vscode.Disposable {
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
  #filters = freshFilters();
  #onInterrupt: (() => void) | undefined;

  constructor(record: RunRecord) {
    this.record = record;
    this.terminal = vscode.window.createTerminal({
      name: plainText(basename(record.entry)),
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

  get isBusy(): boolean {
    return this.#onInterrupt !== undefined;
  }

  /** Begins to show a run. Ctrl+C calls `onInterrupt` until it has ended. */
  begin(record: RunRecord, onInterrupt: () => void): void {
    this.record = record;
    this.#filters = freshFilters();
    this.#onInterrupt = onInterrupt;
    this.#pacer.begin();
    this.#pacer.push(heading(record.title, record.details));
  }

  show(event: RunEvent): void {
    if (event.type === 'output') {
      const shown = this.#filters[event.stream].push(outputText(event));
      this.#pacer.push(shown.replace(/\r?\n/g, '\r\n'));
    } else if (event.type === 'notice') this.#pacer.push(noticeLine(event.message));
  }

  /** Shows how the run ended, after all of its output. */
  async end(state: RunState): Promise<void> {
    this.#onInterrupt = undefined;
    this.#pacer.push(summary(state));
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

const freshFilters = () => ({ stdout: new EscapeFilter(), stderr: new EscapeFilter() });

/** What a program wrote, as text: bytes that are none become replacement characters. */
export const outputText = (event: OutputEvent): string =>
  event.text ?? Buffer.from(event.base64 ?? '', 'base64').toString('utf8');
