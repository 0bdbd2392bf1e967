import * as vscode from 'vscode';
import type { RunState } from '../../core/run/state.ts';
import { fromWire, type OffloadError, type WireError } from '../../protocol/error.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Review } from '../review/review.ts';
import type { Reviews } from '../review/reviews.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { sentFiles } from '../task/sent-files.ts';
import { ACTIONS, isProgramError, outcomeText } from '../terminal/summary.ts';
import type { RecordStore } from './record-store.ts';
import type { RunRecord } from './record.ts';
import type { RunView } from './run-view.ts';
import type { RunEnd } from './runs.ts';

export interface FinishOptions {
  /** The sandbox that a run is in. */
  sandboxOf: (record: RunRecord) => Sandbox;
  records: RecordStore;
  reviews: Reviews;
  dialogs: () => Dialogs;
  log: vscode.LogOutputChannel;
  /** Shows why a run failed, with what can be done; `task` is the run, where it is a task. */
  report: (error: OffloadError, doing: string, task?: string) => void;
}

/** What happens at a run's end: its changes go to the review, and the user hears of it. */
export class Finish implements RunEnd {
  readonly #options: FinishOptions;

  constructor(options: FinishOptions) {
    this.#options = options;
  }

  async ended(record: RunRecord, state: RunState, view: RunView): Promise<void> {
    const { sandboxOf, records, reviews, log } = this.#options;
    log.info(`run ${record.runId}: ${outcomeText(state)}, ${counted(state.changes.length, 'changed file')}`);
    // The chat says by itself what it shows.
    const isShown = record.from === 'chat' && view.isSeen;
    if (state.end?.type === 'failed' && !isShown) this.#reportFailure(record, state.end.error);
    if (state.changes.length === 0) {
      // A task can be gone on from.
      if (record.task === undefined) await records.remove(record.runId);
      else await records.save({ ...record, changes: [] });
      if (state.end?.type !== 'failed' && !view.isSeen) void this.#tell(record, state);
      return;
    }
    const changes = [...state.changes];
    const finished = { ...record, changes, sent: await sentFiles(sandboxOf(record), record, changes) };
    await records.save(finished);
    const review = reviews.add(finished);
    const mode = readSettings().reviewOnFinish;
    if (mode === 'open') await vscode.commands.executeCommand('offload.reviewChanges', review);
    if (mode === 'ask' && !isShown) void this.#offer(review, state);
  }

  #reportFailure({ runId, title, task }: RunRecord, error: WireError): void {
    this.#options.report(fromWire(error), title, task === undefined ? undefined : runId);
  }

  /**
   * A run that never began leaves nothing to come back to, nor one that its place has never heard of; one that is out of
   * reach is looked for after the next reload.
   */
  async lost(record: RunRecord, state: RunState, error: OffloadError, isNew: boolean): Promise<boolean> {
    const neverBegan = isNew && state.seq === 0 && error.code !== 'interrupted';
    if (!neverBegan && error.code !== 'unknown-run') return true;
    await this.#options.records.remove(record.runId);
    return false;
  }

  async #tell({ runId, title }: RunRecord, state: RunState): Promise<void> {
    const answer = await this.#options.dialogs().ask({
      severity: severityOf(state),
      message: `${title}: ${outcomeText(state)}.`,
      ...(isProgramError(state) ? { buttons: [ACTIONS.fix] } : {}),
    });
    if (answer === ACTIONS.fix) await vscode.commands.executeCommand('offload.fixRun', runId);
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

function severityOf(state: RunState): 'info' | 'warning' {
  const { end } = state;
  const isBad = end?.type === 'failed' || isProgramError(state);
  return isBad || (end?.type === 'completed' && end.verified === false) ? 'warning' : 'info';
}
