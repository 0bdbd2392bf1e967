import { OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import { labelText } from '../plain-text.ts';
import type { FollowedRun } from './followed-run.ts';
import type { Runs } from './runs.ts';
import { progressOf } from './status-bar.ts';

/**
 * Cancels the one run that goes on, or the one that the user picks.
 * @param ask lets the user pick also where there is only one
 * @throws OffloadError `bad-request` when nothing runs
 */
export async function cancelRun(runs: Runs, dialogs: Dialogs, ask: boolean): Promise<void> {
  const [first, ...others] = runs.active;
  if (first === undefined)
    throw new OffloadError('bad-request', 'Nothing is running in a sandbox of this window.');
  const run = others.length === 0 && !ask ? first : await pickRun(runs.active, dialogs);
  if (run !== undefined) await runs.cancel(run);
}

async function pickRun(active: readonly FollowedRun[], dialogs: Dialogs): Promise<FollowedRun | undefined> {
  const items = active.map((run) => ({
    label: `$(debug-stop) Cancel ${labelText(run.record.title)}`,
    description: progressOf(run),
    run,
  }));
  return (await dialogs.pick(items, 'Runs in the sandbox', 'Which run should be cancelled?'))?.run;
}
