import { lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { SnapshotEntry } from '../../core/changes/snapshot.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { RecordStore } from '../run/record-store.ts';
import type { RunRecord } from '../run/record.ts';
import { sha256 } from '../sha256.ts';
import type { ReviewFile } from './review.ts';
import { sentContent } from './sent.ts';

/** A review copy's content, and whether the user has edited it. */
export interface CopyContent {
  content: Buffer;
  edited: boolean;
}

/**
 * The contents of a run's changed files: as they were sent, and in review copies, which hold what the run made as long as
 * the user has written nothing else.
 */
export class Contents {
  readonly #sandboxOf: (record: RunRecord) => Sandbox;
  readonly #records: RecordStore;

  /** @param sandboxOf gives the sandbox that a run is in */
  constructor(sandboxOf: (record: RunRecord) => Sandbox, records: RecordStore) {
    this.#sandboxOf = sandboxOf;
    this.#records = records;
  }

  /** A file as it was sent; empty where it was not. From the user's own file as long as that is the same. */
  async base(file: ReviewFile): Promise<Buffer> {
    const { change, review, targetUri } = file;
    const entry = review.snapshot.get(change.path);
    if (entry === undefined) return Buffer.alloc(0);
    const own = sentContent(review.record.sent, change.path) ?? (await unchanged(targetUri, entry));
    const { record } = review;
    return own ?? (await this.#sandboxOf(record).readBlob(record.runId, entry.hash));
  }

  /** The review copy. */
  async read(file: ReviewFile): Promise<CopyContent> {
    const edited = await readFile(this.#editOf(file)).catch(() => undefined);
    if (edited !== undefined) return { content: edited, edited: true };
    const { record } = file.review;
    const { hash } = file.change;
    if (hash === undefined) {
      throw new OffloadError('unknown-blob', `The run left no content of ${file.label} behind.`);
    }
    return { content: await this.#sandboxOf(record).readBlob(record.runId, hash), edited: false };
  }

  /** Size in bytes and time of the last edit in milliseconds since 1970, without reading the content. */
  async describe(file: ReviewFile): Promise<{ size: number; mtime: number }> {
    const edit = await stat(this.#editOf(file)).catch(() => undefined);
    if (edit !== undefined) return { size: edit.size, mtime: edit.mtimeMs };
    return { size: file.change.size, mtime: file.review.record.createdAt };
  }

  /** Keeps what the user made of a review copy. Undefined takes the edit back. */
  async write(file: ReviewFile, content: Uint8Array | undefined): Promise<void> {
    const edit = this.#editOf(file);
    if (content === undefined) {
      await rm(edit, { force: true });
      return;
    }
    await mkdir(join(edit, '..'), { recursive: true, mode: 0o700 });
    await writeFile(edit, content, { mode: 0o600 });
  }

  #editOf(file: ReviewFile): string {
    return join(
      this.#records.folderOf(file.review.record.runId),
      'edits',
      sha256(Buffer.from(file.change.path)),
    );
  }
}

/** The content of the user's file, if it is the one that was sent. */
async function unchanged(uri: vscode.Uri | undefined, entry: SnapshotEntry): Promise<Buffer | undefined> {
  if (uri?.scheme !== 'file') return undefined;
  try {
    const stats = await lstat(uri.fsPath);
    if (!stats.isFile() || stats.size !== entry.size) return undefined;
    const content = await readFile(uri.fsPath);
    return sha256(content) === entry.hash ? content : undefined;
  } catch {
    return undefined;
  }
}
