import * as vscode from 'vscode';
import { OPERATIONS } from './open.ts';
import { REVIEW_SCHEME } from './schemes.ts';
import type { Reviews } from './reviews.ts';

/** The letter and colour of a changed file in trees and tabs, as version control shows them. */
export class ChangeDecorations implements vscode.FileDecorationProvider, vscode.Disposable {
  readonly #reviews: Reviews;
  readonly #registration: vscode.Disposable;

  constructor(reviews: Reviews) {
    this.#reviews = reviews;
    this.#registration = vscode.window.registerFileDecorationProvider(this);
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const file = uri.scheme === REVIEW_SCHEME ? this.#reviews.fileAt(uri) : undefined;
    if (file === undefined) return undefined;
    const { letter, done, color } = OPERATIONS[file.change.operation];
    return new vscode.FileDecoration(
      letter,
      `${done} by ${file.review.record.title}`,
      new vscode.ThemeColor(color),
    );
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
