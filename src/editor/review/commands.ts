import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { labelText } from '../plain-text.ts';
import { requireTrust } from '../trust.ts';
import { accept } from './accept.ts';
import type { Accepted } from './apply-files.ts';
import type { Contents } from './contents.ts';
import { closeFiles, closeReview, isReviewTab, openChange, openReview, reviewAddress } from './open.ts';
import { saveReviewCopies } from './open-documents.ts';
import { askDiscard } from './questions.ts';
import { Review, ReviewFile } from './review.ts';
import type { Reviews } from './reviews.ts';
import { undoAccepted } from './undo.ts';

export interface ReviewContext {
  reviews: Reviews;
  contents: Contents;
  dialogs: () => Dialogs;
  /** Shows the files of a run in their view. */
  reveal: (review: Review) => void;
  /** Shows what failed and could not be thrown, for other things went well. */
  report: (error: OffloadError) => void;
}

/** What the user can do with changes. Targets come from menus and buttons, or are found in what is open. */
export class ReviewCommands {
  readonly #context: ReviewContext;
  #lastAccepted: Accepted | undefined;

  constructor(context: ReviewContext) {
    this.#context = context;
  }

  async review(target: unknown): Promise<void> {
    const review = await this.compare(target);
    if (review !== undefined) this.#context.reveal(review);
  }

  /** The same for whoever has the changes in the side bar already, where nothing moves. */
  async compare(target: unknown): Promise<Review | undefined> {
    const review = await this.#reviewOf(target);
    if (review !== undefined) await openReview(review);
    return review;
  }

  async openChange(target: unknown): Promise<void> {
    await openChange(this.#fileOf(target));
  }

  async acceptAll(target: unknown): Promise<void> {
    requireTrust();
    const review = await this.#reviewOf(target);
    if (review !== undefined) await this.#accept(review.files);
  }

  async acceptOne(target: unknown): Promise<void> {
    requireTrust();
    await this.#accept([this.#fileOf(target)]);
  }

  async discardAll(target: unknown): Promise<void> {
    const review = await this.#reviewOf(target);
    if (review === undefined) return;
    const what = `${counted(review.files.length, 'changed file')} of ${review.record.title}`;
    if (await askDiscard(this.#context.dialogs(), what)) await this.#leave(review.files);
  }

  async discardOne(target: unknown): Promise<void> {
    const file = this.#fileOf(target);
    if (await askDiscard(this.#context.dialogs(), `the change to ${file.label}`)) await this.#leave([file]);
  }

  /** Takes the last accepting back. */
  async undo(): Promise<void> {
    requireTrust();
    const accepted = this.#lastAccepted;
    if (accepted === undefined) {
      throw new OffloadError('bad-request', 'Nothing was accepted in this window that could be taken back.');
    }
    this.#setLastAccepted(undefined);
    await undoAccepted(this.#context, accepted);
  }

  async #accept(files: readonly ReviewFile[]): Promise<void> {
    const dialogs = this.#context.dialogs();
    const accepted = await accept({ ...this.#context, dialogs }, files);
    if (accepted === undefined) return;
    for (const failure of accepted.failures) this.#context.report(failure);
    if (accepted.files.length === 0) return;
    this.#setLastAccepted(accepted);
    await this.#tidy(accepted.files);
    const [only] = accepted.files;
    const what =
      accepted.files.length === 1 && only ? only.label : counted(accepted.files.length, 'changed file');
    const left = files.length - accepted.files.length;
    const message = `Accepted ${what}${left > 0 ? `; ${counted(left, 'file')} still to review` : ''}.`;
    void dialogs.ask({ severity: 'info', message, buttons: ['Undo'] }).then(async (answer) => {
      if (answer === 'Undo') await vscode.commands.executeCommand('offload.undoAccept');
    });
  }

  async #leave(files: readonly ReviewFile[]): Promise<void> {
    // Else VS Code asks whether to save edits of what is thrown away.
    await saveReviewCopies(files);
    await this.#context.reviews.settle(files, 'discarded');
    await this.#tidy(files);
  }

  /** Editors show what is still to decide: those of settled files close, the editor of all changes is made anew. */
  async #tidy(files: readonly ReviewFile[]): Promise<void> {
    await closeFiles(files);
    const [first] = files;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    if (first === undefined || !tabs.some((tab) => isReviewTab(tab, first.review))) return;
    if (first.review.files.length > 0) await openReview(first.review);
    else await closeReview(first.review);
  }

  #setLastAccepted(accepted: Accepted | undefined): void {
    this.#lastAccepted = accepted;
    void vscode.commands.executeCommand('setContext', 'offload.canUndo', accepted !== undefined);
  }

  /** The run that is meant: the one given, the one whose changes are open, the only one, or the one picked. */
  async #reviewOf(target: unknown): Promise<Review | undefined> {
    const { reviews, dialogs } = this.#context;
    if (target instanceof Review) return target;
    if (target instanceof ReviewFile) return target.review;
    if (typeof target === 'string') return reviews.get(target) ?? nothingToReview();
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const open = this.#openFile()?.review ?? reviews.all.find((review) => tab && isReviewTab(tab, review));
    if (open !== undefined) return open;
    const [only, ...others] = reviews.all;
    if (only === undefined) return nothingToReview();
    if (others.length === 0) return only;
    const items = reviews.all.map((review) => ({
      label: `$(package) ${labelText(review.record.title)}`,
      description: counted(review.files.length, 'changed file'),
      review,
    }));
    return (await dialogs().pick(items, 'Changes', 'Which run’s changes?'))?.review;
  }

  #fileOf(target: unknown): ReviewFile {
    const byAddress = target instanceof vscode.Uri ? this.#context.reviews.fileAt(target) : undefined;
    const file = target instanceof ReviewFile ? target : (byAddress ?? this.#openFile());
    if (file !== undefined) return file;
    throw new OffloadError('bad-request', 'No changed file is open.', {
      fix: 'Open one from the view Offload Changes first.',
    });
  }

  /** The file that the active editor shows a change of; inside the multi-diff editor it is the one with the cursor. */
  #openFile(): ReviewFile | undefined {
    const inner = vscode.window.activeTextEditor?.document.uri;
    const { reviews } = this.#context;
    const address = reviewAddress(vscode.window.tabGroups.activeTabGroup.activeTab);
    return (inner && reviews.fileAt(inner)) ?? (address && reviews.fileAt(address));
  }
}

const nothingToReview = (): never => {
  throw new OffloadError(
    'bad-request',
    'There are no changes to review: all have been accepted or discarded.',
  );
};
