import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../core/write-whole.ts';
import { OffloadError } from '../../protocol/error.ts';
import { runIdSchema } from '../../protocol/id.ts';
import { recordSchema, type RunRecord } from './record.ts';

/** Milliseconds after which a record that nobody came back for is dropped. */
const KEPT = 30 * 24 * 3600 * 1000;

/**
 * The records of runs, one folder each below a folder of the user's, shared by all windows. Files of their own, for
 * two windows on one workspace would overwrite each other's state in VS Code's; written when the promise resolves.
 */
export class RecordStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder for what belongs to a run and goes with its record. */
  folderOf(runId: string): string {
    return join(this.#folder, runId);
  }

  /** @throws OffloadError `internal` when it cannot be written: then the run must not be started. */
  async save(record: RunRecord): Promise<void> {
    const folder = this.folderOf(record.runId);
    try {
      await writeWhole(join(folder, 'record.json'), JSON.stringify(record));
    } catch (cause) {
      throw new OffloadError('internal', `The run could not be noted down in ${folder}.`, {
        fix: 'See that the disk is not full and that the folder can be written to.',
        cause,
      });
    }
  }

  /** The record of a run; undefined when there is none, or none that can be read. */
  async read(runId: string): Promise<RunRecord | undefined> {
    try {
      const text = await readFile(join(this.folderOf(runId), 'record.json'), 'utf8');
      return recordSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** All records, the oldest first. Old ones are removed on the way. */
  async all(now = Date.now()): Promise<RunRecord[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const records: RunRecord[] = [];
    for (const runId of names.filter((name) => runIdSchema.safeParse(name).success)) {
      const record = await this.read(runId);
      // One without a record may be another window's that is about to be written.
      const since =
        record?.createdAt ?? (await stat(this.folderOf(runId)).catch(() => undefined))?.mtimeMs ?? now;
      if (now - since > KEPT) await this.remove(runId);
      else if (record !== undefined) records.push(record);
    }
    return records.sort((a, b) => a.createdAt - b.createdAt);
  }

  async remove(runId: string): Promise<void> {
    await rm(this.folderOf(runId), { recursive: true, force: true });
  }
}
