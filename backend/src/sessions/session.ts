import { join } from 'node:path';
import { writeRecord, type SessionRecord } from './session-record.ts';

/** The folder of a conversation with an agent, while a run has it to itself. */
export class Session {
  /** The id of the conversation's first run. */
  readonly id: string;
  readonly folder: string;
  /** The agent's files and its home, which are the box's to write. */
  readonly workspace: string;
  readonly home: string;
  #record: SessionRecord;
  #release: (() => void) | undefined;

  constructor(id: string, folder: string, record: SessionRecord, release: () => void) {
    this.id = id;
    this.folder = folder;
    this.workspace = join(folder, 'workspace');
    this.home = join(folder, 'home');
    this.#record = record;
    this.#release = release;
  }

  get record(): Readonly<SessionRecord> {
    return this.#record;
  }

  /** Changes what is kept of the conversation, in one step. A field that is undefined is forgotten. */
  update(change: { [Key in keyof SessionRecord]?: SessionRecord[Key] | undefined }): void {
    const record = Object.fromEntries(
      Object.entries({ ...this.#record, ...change }).filter(([, value]) => value !== undefined),
    ) as SessionRecord;
    writeRecord(this.folder, record);
    this.#record = record;
  }

  /** Lets another run go on with it. The second time it does nothing. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    if (release === undefined) return;
    try {
      this.update({ usedAt: Date.now() });
    } catch {
      // It counts as used when it was taken, which is near enough.
    }
    release();
  }
}
