import * as vscode from 'vscode';
import { displayPath } from '../../core/changes/display.ts';
import { guardedReason } from '../../core/changes/guarded.ts';
import type { Snapshot } from '../../core/changes/snapshot.ts';
import type { ChangeEvent } from '../../protocol/event.ts';
import { plainText } from '../plain-text.ts';
import { placeOf, type Place } from '../run/place.ts';
import type { RunRecord } from '../run/record.ts';
import { REVIEW_SCHEME, SNAPSHOT_SCHEME } from './schemes.ts';
import { snapshotOfSent } from './sent.ts';

/** One changed file of a run that waits for the user's decision. */
export class ReviewFile {
  readonly review: Review;
  readonly change: ChangeEvent;

  constructor(review: Review, change: ChangeEvent) {
    this.review = review;
    this.change = change;
  }

  /** The path as it can be shown. */
  get label(): string {
    return displayPath(this.change.path);
  }

  /** Why it is asked for by itself; undefined for most files. */
  get guarded(): string | undefined {
    return guardedReason(this.change.path);
  }

  /** The review copy. */
  get uri(): vscode.Uri {
    return this.#uri(REVIEW_SCHEME);
  }

  /** The file as it was sent. */
  get snapshotUri(): vscode.Uri {
    return this.#uri(SNAPSHOT_SCHEME);
  }

  /** Where it goes; undefined where the run has no folder, or the path is in none of them. */
  get place(): Place | undefined {
    return placeOf(this.review.record, this.change.path);
  }

  /** The user's own file. */
  get targetUri(): vscode.Uri | undefined {
    const { place } = this;
    return place && vscode.Uri.joinPath(place.root, place.path);
  }

  #uri(scheme: string): vscode.Uri {
    return vscode.Uri.from({ scheme, authority: this.review.record.runId, path: `/${this.change.path}` });
  }
}

/** A run's changes that nobody has decided on yet. */
export class Review {
  readonly record: RunRecord;
  readonly snapshot: Snapshot;
  files: readonly ReviewFile[];

  constructor(record: RunRecord) {
    this.record = record;
    this.snapshot = snapshotOfSent(record.sent);
    this.files = (record.changes ?? []).map((change) => new ReviewFile(this, change)).sort(byPath);
  }

  /** What its editor is called. Two runs of one program differ in the time. */
  get title(): string {
    return `Changes by ${plainText(this.record.title)}, ${new Date(this.record.createdAt).toLocaleTimeString()}`;
  }

  /** These wait for a decision again. */
  takeBack(files: readonly ReviewFile[]): void {
    const again = files.filter((file) => file.review === this && !this.files.includes(file));
    this.files = [...this.files, ...again].sort(byPath);
  }

  file(path: string): ReviewFile | undefined {
    return this.files.find(({ change }) => change.path === path);
  }
}

const byPath = (a: ReviewFile, b: ReviewFile): number => (a.change.path < b.change.path ? -1 : 1);
