import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../core/sandbox.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { RecordStore } from '../run/record-store.ts';
import type { ReviewFile } from './review.ts';

/** A review copy's content, and whether the user has edited it. */
export interface CopyContent {
  content: Buffer;
  edited: boolean;
}

/** The contents of review copies: what the run made, as long as the user has written nothing else. */
export class Contents {
  readonly #sandbox: Sandbox;
  readonly #records: RecordStore;

  constructor(sandbox: Sandbox, records: RecordStore) {
    this.#sandbox = sandbox;
    this.#records = records;
  }

  async read(file: ReviewFile): Promise<CopyContent> {
    const edited = await readFile(this.#editOf(file)).catch(() => undefined);
    if (edited !== undefined) return { content: edited, edited: true };
    const { runId } = file.review.record;
    const { hash } = file.change;
    if (hash === undefined) {
      throw new OffloadError('unknown-blob', `The run left no content of ${file.label} behind.`);
    }
    return { content: await this.#sandbox.readBlob(runId, hash), edited: false };
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
    const name = createHash('sha256').update(file.change.path).digest('hex');
    return join(this.#records.folderOf(file.review.record.runId), 'edits', name);
  }
}
