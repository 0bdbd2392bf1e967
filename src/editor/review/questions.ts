import type { Dialogs } from '../dialogs.ts';
import type { ReviewFile } from './review.ts';

/** What becomes of one file; `stop` leaves it and all that follow as they are. */
export type Decision = 'yes' | 'no' | 'look' | 'stop';

/** Asks for a file that something runs or obeys by itself; one among others can be skipped. */
export async function askGuarded(dialogs: Dialogs, file: ReviewFile, among: boolean): Promise<Decision> {
  const { label, guarded = '', change } = file;
  const verb = { create: 'create', modify: 'change', delete: 'delete' }[change.operation];
  const answer = await dialogs.ask({
    severity: 'warning',
    modal: true,
    message: `Let the run ${verb} ${label}?`,
    detail: `${guarded}\n\nThe file was written inside the sandbox; once it is in your folder it acts outside of it. Read it first.`,
    buttons: ['Show Change', 'Accept', ...(among ? ['Skip'] : [])],
  });
  return decision(answer, { Accept: 'yes', Skip: 'no', 'Show Change': 'look' });
}

/**
 * Asks for a file that is no longer as it was sent.
 * @param more how many further conflicts there are; the answer `all` stands for them too
 * @param among whether it is one of several files, so that it can be skipped
 */
export async function askConflict(
  dialogs: Dialogs,
  why: string,
  { more, among }: { more: number; among: boolean },
): Promise<Decision | 'all'> {
  const all = `Overwrite All (${String(more + 1)})`;
  const answer = await dialogs.ask({
    severity: 'warning',
    modal: true,
    message: why,
    detail: 'Overwriting replaces what is there with what the run made. It can be undone.',
    buttons: ['Compare', 'Overwrite', ...(more > 0 ? [all] : []), ...(among ? ['Skip'] : [])],
  });
  if (answer === all) return 'all';
  return decision(answer, { Overwrite: 'yes', Skip: 'no', Compare: 'look' });
}

/** Asks before results are thrown away. */
export async function askDiscard(dialogs: Dialogs, what: string): Promise<boolean> {
  const answer = await dialogs.ask({
    severity: 'warning',
    modal: true,
    message: `Discard ${what}?`,
    detail: 'Your own files stay as they are. What the run made cannot be brought back.',
    buttons: ['Discard'],
  });
  return answer === 'Discard';
}

const decision = (answer: string | undefined, meaning: Record<string, Decision>): Decision =>
  (answer === undefined ? undefined : meaning[answer]) ?? 'stop';
