import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { runIdSchema } from '../../../src/protocol/id.ts';
import { systemCode, unlessDiskFull } from '../disk-full.ts';
import { NEW, pruneSessions, type SessionBounds } from './prune-sessions.ts';
import { readRecord, writeRecord, type SessionRecord } from './session-record.ts';
import { SessionLock } from './session-lock.ts';
import { Session } from './session.ts';

/**
 * What stays of conversations with agents: `<first run's id>/{workspace, home, session.json}`. Each later run of one is
 * a link to it, named by that run's id. A run has a session to itself; all servers of a user share them.
 */
export class SessionStore {
  readonly #folder: string;
  readonly #owner: string;
  readonly #isServerAlive: (owner: string) => Promise<boolean>;
  /** Sessions that runs of this server have. */
  readonly #held = new Set<string>();

  /**
   * @param owner where this server can be reached
   * @param isServerAlive whether another one can be
   */
  constructor(folder: string, owner: string, isServerAlive: (owner: string) => Promise<boolean>) {
    this.#folder = folder;
    this.#owner = owner;
    this.#isServerAlive = isServerAlive;
    mkdirSync(folder, { recursive: true });
    // Users of boxes pass through to their own, and see nothing on their way.
    chmodSync(folder, 0o711);
  }

  /**
   * Begins a conversation.
   * @param options `owner` is the user of its boxes, where that is not the backend's own
   */
  async create(runId: string, options: { agent: string; owner: number | undefined }): Promise<Session> {
    const { agent, owner } = options;
    const made = join(this.#folder, `${NEW}${runId}-${randomBytes(8).toString('hex')}`);
    try {
      mkdirSync(made);
      chmodSync(made, 0o711);
      const home = join(made, 'home');
      mkdirSync(home, { mode: 0o700 });
      if (owner !== undefined) chownSync(home, owner, owner);
      const record: SessionRecord = {
        format: 1,
        agent,
        runs: [runId],
        usedAt: Date.now(),
        ...(owner === undefined ? {} : { owner }),
      };
      writeRecord(made, record);
      renameSync(made, join(this.#folder, runId));
      return await this.#open(runId);
    } catch (error) {
      throw unlessDiskFull(error, this.#folder);
    }
  }

  /**
   * Goes on with the conversation that a run belongs to.
   * @param runId the run that has it from now on
   * @throws OffloadError `unknown-run` where there is none, `busy` where another run has it
   */
  async resume(earlier: string, runId: string): Promise<Session> {
    const id = this.#find(earlier);
    const session = await this.#open(id);
    try {
      this.#link(runId, id);
      session.update({ runs: [...session.record.runs, runId], usedAt: Date.now() });
      return session;
    } catch (error) {
      session.release();
      throw unlessDiskFull(error, this.#folder);
    }
  }

  /** Forgets what has not been used for long, or is too much, and what a killed server has not finished. */
  prune(bounds?: Partial<SessionBounds>): Promise<void> {
    return pruneSessions(this.#folder, (id) => this.#take(id), bounds);
  }

  async #open(id: string): Promise<Session> {
    const folder = join(this.#folder, id);
    let release: (() => void) | undefined;
    try {
      release = await this.#take(id);
    } catch (cause) {
      throw systemCode(cause) === 'ENOENT' ? unknown(id, cause) : cause;
    }
    if (release === undefined) {
      throw new OffloadError('busy', 'The conversation is in use: another task goes on with it.', {
        fix: 'Wait until that one has ended, stop it, or give it the message.',
      });
    }
    const record = readRecord(folder);
    if (record !== undefined) return new Session(id, folder, record, release);
    release();
    throw unknown(id);
  }

  /** Takes a session for this server; gives what lets others have it, or undefined where it is in use. */
  async #take(id: string): Promise<(() => void) | undefined> {
    if (this.#held.has(id)) return undefined;
    this.#held.add(id);
    let lock: SessionLock | undefined;
    try {
      // A lock of this server's that it does not hold is one of a server that had its address before.
      const isAlive = (owner: string) => owner !== this.#owner && this.#isServerAlive(owner);
      lock = await SessionLock.take(join(this.#folder, id), this.#owner, isAlive);
    } finally {
      if (lock === undefined) this.#held.delete(id);
    }
    if (lock === undefined) return undefined;
    const taken = lock;
    return () => {
      this.#held.delete(id);
      taken.release();
    };
  }

  /** @throws OffloadError `unknown-run` */
  #find(runId: string): string {
    const path = join(this.#folder, runIdSchema.parse(runId));
    try {
      if (!lstatSync(path).isSymbolicLink()) return runId;
      return runIdSchema.parse(readlinkSync(path));
    } catch (cause) {
      throw unknown(runId, cause);
    }
  }

  #link(runId: string, id: string): void {
    try {
      symlinkSync(id, join(this.#folder, runIdSchema.parse(runId)));
    } catch (error) {
      // A server was killed before it wrote the run down in the session.
      if (systemCode(error) !== 'EEXIST' || this.#find(runId) !== id) throw error;
    }
  }
}

const unknown = (runId: string, cause?: unknown) =>
  new OffloadError('unknown-run', `There is no conversation of run ${runId} to go on with.`, {
    fix: 'It may be too old to be kept: start a new task.',
    cause,
  });
