import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Offload } from '../../../src/editor/offload.ts';
import type { ReviewFile } from '../../../src/editor/review/review.ts';
import type { AnsweredDialogs } from './dialogs.ts';
import { fresh } from './extension.ts';
import { write } from './workspace.ts';

/** A user who reviews what runs have changed. */
export class Reviewer {
  readonly offload: Offload;
  readonly dialogs: AnsweredDialogs;

  constructor(offload: Offload, dialogs: AnsweredDialogs) {
    this.offload = offload;
    this.dialogs = dialogs;
  }

  /** With nothing left of earlier runs. */
  static async fresh(): Promise<Reviewer> {
    const { offload, dialogs } = await fresh();
    return new Reviewer(offload, dialogs);
  }

  async act(command: string, ...args: unknown[]): Promise<void> {
    await vscode.commands.executeCommand(`offload.${command}`, ...args);
  }

  /** Runs a program that is sent as a file and gives its changed files by path. */
  async changedBy(code: string | Uint8Array, name = 'maker.py'): Promise<Record<string, ReviewFile>> {
    await this.act('runFile', await write(name, code));
    const [review] = this.offload.reviews.all;
    assert.ok(review, this.dialogs.asked.map(({ message }) => message).join('\n'));
    return Object.fromEntries(review.files.map((file) => [file.change.path, file]));
  }

  /** The files that wait for a decision. */
  get labels(): string[] {
    return this.offload.reviews.all.flatMap((review) => review.files.map(({ label }) => label));
  }
}

/** The open editors. */
export const tabs = (): vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => [...group.tabs]);

/** The text that an editor of an address would show. */
export const opened = async (uri: vscode.Uri): Promise<string> =>
  (await vscode.workspace.openTextDocument(uri)).getText();
