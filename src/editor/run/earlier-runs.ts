import { asOffloadError } from '../../protocol/error.ts';
import type { Reviews } from '../review/reviews.ts';
import type { RecordStore } from './record-store.ts';
import { belongsTo, type RunRecord } from './record.ts';
import type { Runs } from './runs.ts';

export interface EarlierRunsContext {
  records: RecordStore;
  reviews: Reviews;
  runs: Runs;
  report: (error: unknown, doing: string) => void;
}

/** Takes up what an earlier window of this workspace left: changes that wait for review, runs that go on. */
export async function takeUpEarlierRuns(
  context: EarlierRunsContext,
  folders: readonly string[],
): Promise<void> {
  const { records, reviews, runs } = context;
  for (const record of await records.all()) {
    if (!belongsTo(record, folders) || runs.get(record.runId) !== undefined) continue;
    if (record.changes === undefined) void followAgain(context, record);
    // A task whose changes are decided on is kept for its conversation.
    else if (record.changes.length > 0 && reviews.get(record.runId) === undefined) reviews.add(record);
  }
}

/** From the run's beginning, so that its terminal is as it was. */
async function followAgain({ records, runs, report }: EarlierRunsContext, record: RunRecord): Promise<void> {
  try {
    await runs.follow(record, { runId: record.runId, after: 0 });
  } catch (thrown) {
    // A run that the backend has never heard of was not begun, or is long gone.
    if (asOffloadError(thrown).code === 'unknown-run') await records.remove(record.runId);
    report(thrown, 'attach');
  }
}
