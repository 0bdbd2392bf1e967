import * as z from 'zod/mini';
import { runReplySchema, type RunSummary } from '../../../src/protocol/reply.ts';
import type { Store } from '../store/store.ts';
import type { RunRecord } from './run-record.ts';

const PREFIX = 'runs/index/';

/** Later than any time in milliseconds since 1970 for some 200 years, so that what is newest comes first. */
const LATEST = 9_999_999_999_999;

/** Runs that are listed. */
const LISTED = 100;

const keyOf = ({ runId, createdAt }: Pick<RunSummary, 'runId' | 'createdAt'>): string =>
  `${PREFIX}${String(LATEST - createdAt)}-${runId}`;

/** Notes a run in the list of runs, with how it stands. */
export async function noteRun(store: Store, record: RunRecord, state: RunSummary['state']): Promise<void> {
  const { request, createdAt } = record;
  const { runId, title, kind } = request;
  const language = request.kind === 'run' ? request.language : request.agent.id;
  const summary: RunSummary = { type: 'run', runId, title, language, kind, createdAt, state };
  await store.put(keyOf(summary), Buffer.from(JSON.stringify(summary)));
}

/** The newest runs, as they were noted last. */
export async function listRuns(store: Store): Promise<RunSummary[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(PREFIX)) {
    keys.push(key);
    if (keys.length === LISTED) break;
  }
  const found = await Promise.all(keys.map((key) => store.get(key)));
  return found.flatMap((each) => {
    if (each === undefined) return [];
    try {
      return [z.parse(runReplySchema, JSON.parse(each.bytes.toString()))];
    } catch (error) {
      console.error('listed run:', error);
      return [];
    }
  });
}
