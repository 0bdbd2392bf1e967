import * as vscode from 'vscode';
import type { RunState } from '../../core/run/state.ts';
import { fromWire, type OffloadError } from '../../protocol/error.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Review } from '../review/review.ts';
import type { Reviews } from '../review/reviews.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { RunTerminal } from '../terminal/run-terminal.ts';
import { outcomeText } from '../terminal/summary.ts';
import type { RecordStore } from './record-store.ts';
import type { RunRecord } from './record.ts';
import type { RunEnd } from './runs.ts';

export interface FinishOptions {
  records: RecordStore;
  reviews: Reviews;
  dialogs: () => Dialogs;
  log: vscode.LogOutputChannel;
  /** Shows why a run failed, with what can be done. */
  report: (error: OffloadError, doing: string) => void;
}

/** What happens at a run's end: its changes go to the review, and the user hears of it. */
export class Finish implements RunEnd {
  readonly #options: FinishOptions;

  constructor(options: FinishOptions) {
    this.#options = options;
  }

  async ended(record: RunRecord, state: RunState, terminal: RunTerminal): Promise<void> {
    const { records, reviews, log } = this.#options;
    log.info(`run ${record.runId}: ${outcomeText(state)}, ${counted(state.changes.length, 'changed file')}`);
    if (state.end?.type === 'failed') this.#options.report(fromWire(state.end.error), record.title);
    if (state.changes.length === 0) {
      await records.remove(record.runId);
      if (state.end?.type !== 'failed' && !isSeen(terminal)) void this.#tell(record, state);
      return;
    }
    const finished = { ...record, changes: [...state.changes] };
    await records.save(finished);
    const review = reviews.add(finished);
    const mode = readSettings().reviewOnFinish;
    if (mode === 'open') await vscode.commands.executeCommand('offload.reviewChanges', review);
    if (mode === 'ask') void this.#offer(review, state);
  }

  /** A run that never began leaves nothing to come back to; one that is out of reach is looked for after a reload. */
  async lost(record: RunRecord, state: RunState, error: OffloadError): Promise<void> {
    if (state.seq > 0 || error.code === 'interrupted') return;
    await this.#options.records.remove(record.runId);
  }

  async #tell({ title }: RunRecord, state: RunState): Promise<void> {
    await this.#options
      .dialogs()
      .ask({ severity: severityOf(state), message: `${title}: ${outcomeText(state)}.` });
  }

  async #offer(review: Review, state: RunState): Promise<void> {
    const changed = counted(review.files.length, 'file');
    const answer = await this.#options.dialogs().ask({
      severity: severityOf(state),
      message: `${review.record.title} changed ${changed}. ${outcomeText(state)}.`,
      buttons: ['Review', 'Accept All', 'Discard'],
    });
    const command = { Review: 'reviewChanges', 'Accept All': 'acceptAllChanges', Discard: 'discardChanges' }[
      answer ?? ''
    ];
    if (command !== undefined) await vscode.commands.executeCommand(`offload.${command}`, review);
  }
}

/** Whether the user is looking at a run's end as it comes. */
const isSeen = ({ terminal }: RunTerminal): boolean =>
  vscode.window.state.focused && vscode.window.activeTerminal === terminal;

function severityOf({ end }: RunState): 'info' | 'warning' {
  const isGood = end?.type === 'cancelled' || (end?.type === 'completed' && (end.exitCode ?? 1) === 0);
  return isGood ? 'info' : 'warning';
}
