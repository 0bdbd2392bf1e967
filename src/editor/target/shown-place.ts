import { cancellable } from '../cancellable.ts';
import type { Place, Targets } from './targets.ts';

/**
 * The place of a run that begins now. A first look at one elsewhere takes seconds: that is shown, and can be cancelled.
 * @throws OffloadError why it cannot be reached; an AbortError where the user wants no more of it
 */
export async function shownPlace(targets: Targets): Promise<Place> {
  const { chosen } = targets;
  if (chosen.kind === 'local' || targets.known(chosen) !== undefined) return targets.place(chosen);
  return cancellable('Offload', (signal, onStep) => targets.place(chosen, { signal, onStep }));
}
