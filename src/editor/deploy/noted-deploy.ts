import { forgetDeploys, noteDeploying } from './deploy-notes.ts';
import type { Place } from './place.ts';
import type { BackendWork } from './work.ts';

export interface NotedDeploy {
  /** The state folder. */
  state: string;
  place: Place;
  work: Pick<BackendWork, 'requireIdle' | 'isDisposed'>;
  /** Told of a note that could not be kept: that hides how the deploy ended from nobody. */
  log: (error: unknown, doing: string) => void;
}

/**
 * Carries a deploy out, noted for the windows that come after this one until it has come to its end.
 * @returns whether it came to its end, as `carryOut` says
 * @throws what `carryOut` throws; OffloadError `deploy-failed`, before it, where nothing can be noted
 */
export async function noted(
  { state, place, work, log }: NotedDeploy,
  carryOut: () => Promise<boolean>,
): Promise<boolean> {
  work.requireIdle();
  await noteDeploying(state, place);
  const kept = (note: Promise<void>): Promise<void> =>
    note.catch((error: unknown) => {
      log(error, 'how the deploy ended could not be noted');
    });
  let whole: boolean;
  try {
    whole = await carryOut();
  } catch (error) {
    // A window that closes in its midst leaves it as it is: the next one offers to go on.
    if (!work.isDisposed) await kept(noteDeploying(state, place, 'failed'));
    throw error;
  }
  await kept(whole ? forgetDeploys(state, place) : noteDeploying(state, place, 'stopped'));
  return whole;
}
