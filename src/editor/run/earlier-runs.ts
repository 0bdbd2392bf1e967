import { isAway, LOCAL } from '../../core/targets/target.ts';
import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import { editorWords } from '../report/editor-words.ts';
import type { Reviews } from '../review/reviews.ts';
import type { Targets } from '../target/targets.ts';
import type { RecordStore } from './record-store.ts';
import { belongsTo, type RunRecord } from './record.ts';
import type { Runs } from './runs.ts';

export interface EarlierRunsContext {
  records: RecordStore;
  reviews: Reviews;
  runs: Pick<Runs, 'get' | 'follow'>;
  targets: Pick<Targets, 'requireKnown'>;
  dialogs: Pick<Dialogs, 'ask'>;
  report: (error: unknown, doing: string) => void;
}

/** Takes up what an earlier window of this workspace left: changes that wait for review, runs that go on. */
export async function takeUpEarlierRuns(
  context: EarlierRunsContext,
  folders: readonly string[],
): Promise<void> {
  const { records, reviews, runs, report } = context;
  for (const record of await records.all()) {
    if (!belongsTo(record, folders) || runs.get(record.runId) !== undefined) continue;
    if (record.changes === undefined) {
      followAgain(context, record).catch((error: unknown) => {
        report(error, 'attach');
      });
      continue;
    }
    // A task whose changes are decided on is kept for its conversation.
    if (record.changes.length > 0 && reviews.get(record.runId) === undefined) reviews.add(record);
  }
}

/** From the run's beginning, so that its terminal is as it was. */
async function followAgain(context: EarlierRunsContext, record: RunRecord): Promise<void> {
  const { records, runs, targets, report } = context;
  const { runId, target = LOCAL } = record;
  try {
    // Before a terminal opens for it.
    await targets.requireKnown(target);
    await runs.follow(record, { runId, after: 0 });
  } catch (thrown) {
    const error = asOffloadError(thrown);
    if (error.code === 'no-backend' && isAway(target)) return offerToForget(context, record, error);
    // A run that the backend has never heard of was not begun, or is long gone.
    if (error.code === 'unknown-run') await records.remove(runId);
    report(thrown, 'attach');
  }
}

const FORGET = 'Forget Run';
const RETRY = 'Retry';

/** A backend that was removed, or is not known here any more, may come back, or never: said once, and the user's to decide. */
async function offerToForget(
  context: EarlierRunsContext,
  record: RunRecord,
  { message, fix }: OffloadError,
): Promise<void> {
  if (record.saidGone === true) return;
  const { records, dialogs } = context;
  await records.save({ ...record, saidGone: true });
  const answer = await dialogs.ask({
    severity: 'warning',
    message: [
      `${record.title} cannot be followed.`,
      message,
      ...(fix === undefined ? [] : [editorWords(fix)]),
    ].join(' '),
    buttons: [FORGET, RETRY],
  });
  if (answer === FORGET) await records.remove(record.runId);
  else if (answer === RETRY) await followAgain(context, record);
}
