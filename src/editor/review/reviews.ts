import * as vscode from 'vscode';
import type { RecordStore } from '../run/record-store.ts';
import type { RunRecord } from '../run/record.ts';
import { Review, type ReviewFile } from './review.ts';

/** What a user can do with a change. */
export type Decision = 'accepted' | 'discarded';

const keyOf = ({ review, change }: ReviewFile): string => `${review.record.runId}/${change.path}`;

/** All runs with changes to decide on, the newest first. */
export class Reviews implements vscode.Disposable {
  readonly #records: RecordStore;
  readonly #reviews = new Map<string, Review>();
  /** What was decided in this window, by run and path. */
  readonly #decisions = new Map<string, Decision>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  get all(): Review[] {
    return [...this.#reviews.values()].sort((a, b) => b.record.createdAt - a.record.createdAt);
  }

  get(runId: string): Review | undefined {
    return this.#reviews.get(runId);
  }

  /** The file behind an address of a review copy or of a snapshot. */
  fileAt(uri: vscode.Uri): ReviewFile | undefined {
    return this.get(uri.authority)?.file(uri.path.slice(1));
  }

  /** Takes up the changes of a run that has ended. */
  add(record: RunRecord): Review {
    const review = new Review(record);
    this.#reviews.set(record.runId, review);
    this.#changed.fire();
    return review;
  }

  /** These are decided on: nothing is left to do about them. A program's run with none left is forgotten. */
  async settle(files: readonly ReviewFile[], decision?: Decision): Promise<void> {
    for (const file of files) if (decision !== undefined) this.#decisions.set(keyOf(file), decision);
    for (const review of new Set(files.map((file) => file.review))) {
      review.files = review.files.filter((file) => !files.includes(file));
      if (review.files.length === 0) this.#reviews.delete(review.record.runId);
      // A task can be gone on from.
      if (review.files.length > 0 || review.record.task !== undefined) await this.#save(review);
      else await this.#records.remove(review.record.runId);
    }
    this.#changed.fire();
  }

  /** What became of a path of a run; undefined where this window does not know. */
  decision(runId: string, path: string): Decision | undefined {
    return this.#decisions.get(`${runId}/${path}`);
  }

  /** Takes back {@link settle}. */
  async unsettle(files: readonly ReviewFile[]): Promise<void> {
    for (const file of files) this.#decisions.delete(keyOf(file));
    for (const review of new Set(files.map((file) => file.review))) {
      review.takeBack(files);
      this.#reviews.set(review.record.runId, review);
      await this.#save(review);
    }
    this.#changed.fire();
  }

  /** Gives a run without a folder the one that its changes go to. */
  async setRoot(review: Review, root: vscode.Uri): Promise<void> {
    review.record.root = root.toString();
    await this.#save(review);
  }

  dispose(): void {
    this.#changed.dispose();
    this.#reviews.clear();
  }

  async #save(review: Review): Promise<void> {
    await this.#records.save({ ...review.record, changes: review.files.map(({ change }) => change) });
  }
}
