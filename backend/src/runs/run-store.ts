import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { RunSummary } from '../../../src/protocol/reply.ts';
import { runIdSchema } from '../../../src/protocol/id.ts';
import { lastEvent } from '../journal/ended-journal.ts';

const recordSchema = z.object({
  runId: z.string(),
  title: z.string(),
  /** A run's language; of a task, its agent. */
  language: z.string(),
  kind: z.optional(z.enum(['run', 'task'])),
  createdAt: z.number(),
  /** Where the backend that carries it out can be reached. */
  owner: z.string(),
});
export type RunRecord = z.infer<typeof recordSchema>;

/** Runs that are kept where nothing else is said, and for how long, in milliseconds. */
const KEPT_RUNS = 500;
const KEPT_TIME = 14 * 24 * 3600 * 1000;

/** The folders of runs: `<id>/run.json`, `journal.jsonl`, `blobs/`. */
export class RunStore {
  readonly #folder: string;
  readonly #owner: string;

  /** @param owner where this backend can be reached, written into the records of its runs */
  constructor(folder: string, owner: string) {
    this.#folder = folder;
    this.#owner = owner;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  journal(runId: string): string {
    return join(this.#folder, runId, 'journal.jsonl');
  }

  blobs(runId: string): string {
    return join(this.#folder, runId, 'blobs');
  }

  /** Claims a run's id for this backend. False where it is taken already. */
  claim(request: Pick<RunRecord, 'runId' | 'title' | 'language' | 'kind'>): boolean {
    try {
      mkdirSync(join(this.#folder, request.runId), { mode: 0o700 });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    }
    const { runId, title, language, kind = 'run' } = request;
    const record: RunRecord = { runId, title, language, kind, createdAt: Date.now(), owner: this.#owner };
    writeFileSync(join(this.#folder, runId, 'run.json'), JSON.stringify(record), { mode: 0o600 });
    return true;
  }

  /** @throws OffloadError `unknown-run` */
  async record(runId: string): Promise<RunRecord> {
    try {
      const text = await readFile(join(this.#folder, runId, 'run.json'), 'utf8');
      return recordSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new OffloadError('unknown-run', `There is no run ${runId}.`, {
        fix: 'It may be too old to be kept: "offload runs" lists those that are there.',
        cause,
      });
    }
  }

  isOwn(record: RunRecord): boolean {
    return record.owner === this.#owner;
  }

  /** What is kept, newest first. */
  async list(): Promise<RunSummary[]> {
    const ids = (await readdir(this.#folder)).filter((name) => runIdSchema.safeParse(name).success);
    const summaries = await Promise.all(ids.map((id) => this.#summary(id).catch(() => undefined)));
    return summaries.filter((s) => s !== undefined).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Forgets what is too old or too much. Runs that may still go on are left. */
  async prune(keptRuns = KEPT_RUNS): Promise<void> {
    const ended = (await this.list()).filter(({ state }) => state !== 'running');
    const old = ended.filter((run, index) => index >= keptRuns || run.createdAt < Date.now() - KEPT_TIME);
    for (const { runId } of old) await rm(join(this.#folder, runId), { recursive: true, force: true });
  }

  async #summary(runId: string): Promise<RunSummary> {
    const { title, language, kind = 'run', createdAt } = await this.record(runId);
    const last = lastEvent(this.journal(runId));
    const ended = z.enum(['completed', 'failed', 'cancelled']).safeParse(last?.type);
    const state = ended.success ? ended.data : 'running';
    return { type: 'run', runId, title, language, kind, createdAt, state };
  }
}
