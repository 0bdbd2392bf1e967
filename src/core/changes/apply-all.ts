import { asOffloadError, type OffloadError } from '../../protocol/error.ts';
import { type AcceptedChange, applyChangeIn } from './apply.ts';
import type { Folder } from './folder.ts';
import { foldPath } from './fold.ts';
import { foldersInTheWay, inOrder, type Step } from './order.ts';
import { removeEmptyFolders } from './parent.ts';
import type { Undo } from './replace.ts';
import { openRoot } from './root.ts';
import { undoChangeIn } from './undo.ts';

/** How one of several went. `skipped`: the signal came first, and nothing of it has happened. */
export type Outcome =
  | { readonly path: string; readonly state: 'done'; readonly undo: Undo }
  | { readonly path: string; readonly state: 'failed'; readonly error: OffloadError }
  | { readonly path: string; readonly state: 'skipped' };

interface OneOf extends Step {
  readonly take: (root: Folder) => Promise<Undo>;
}

const isReason = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && error === signal.reason;

async function attempt(
  root: Folder,
  { path, take }: OneOf,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  try {
    signal?.throwIfAborted();
    return { path, state: 'done', undo: await take(root) };
  } catch (error) {
    return isReason(error, signal)
      ? { path, state: 'skipped' }
      : { path, state: 'failed', error: asOffloadError(error) };
  }
}

/** Takes all steps in a safe order; the outcomes are in the order given. */
async function takeAll(
  root: Folder,
  steps: readonly OneOf[],
  signal: AbortSignal | undefined,
): Promise<Outcome[]> {
  const ways = foldersInTheWay(steps);
  const outcomes = new Map<OneOf, Outcome>();
  for (const step of inOrder(steps)) {
    const way = step.deletes ? undefined : ways.get(foldPath(step.path));
    if (way && signal?.aborted !== true) await removeEmptyFolders(root, [...way].sort());
    outcomes.set(step, await attempt(root, step, signal));
  }
  return steps.flatMap((step) => outcomes.get(step) ?? []);
}

/**
 * Applies several changes one by one, in an order in which each finds what it needs. Each stands for itself: one that
 * fails takes nothing back and stops no other. The outcomes are in the order of `changes`. Throws only where the root
 * cannot be opened.
 */
export async function applyChanges(options: {
  readonly root: string;
  readonly changes: readonly AcceptedChange[];
  readonly signal?: AbortSignal | undefined;
}): Promise<Outcome[]> {
  const { changes, signal } = options;
  const steps = changes.map((accepted) => ({
    path: accepted.change.path,
    deletes: accepted.change.operation === 'delete',
    take: async (root: Folder) => applyChangeIn(root, accepted, signal),
  }));
  const root = await openRoot(options.root);
  try {
    return await takeAll(root, steps, signal);
  } finally {
    await root.close();
  }
}

/**
 * Takes back what {@link applyChanges} did, each for itself. The outcomes are in the order of `undos`; one that is
 * done carries the record that it took back.
 */
export async function undoChanges(options: {
  readonly root: string;
  readonly undos: readonly Undo[];
  readonly signal?: AbortSignal | undefined;
}): Promise<Outcome[]> {
  const { undos, signal } = options;
  const steps = undos.map((undo) => ({
    path: undo.path,
    deletes: undo.before === undefined,
    take: async (root: Folder) => undoChangeIn(root, undo, signal).then(() => undo),
  }));
  const root = await openRoot(options.root);
  try {
    const outcomes = await takeAll(root, steps, signal);
    // A folder that one change made may have held the files of others, which are gone only now.
    const done = outcomes.flatMap((outcome) => (outcome.state === 'done' ? outcome.undo.folders : []));
    await removeEmptyFolders(root, [...new Set(done)].sort());
    return outcomes;
  } finally {
    await root.close();
  }
}
