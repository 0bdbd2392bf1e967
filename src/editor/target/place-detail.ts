import { longestSeconds } from '../../core/targets/fit.ts';
import { duration } from '../duration.ts';
import type { Place } from './targets.ts';

/** What a run's heading says of where it is. @param seconds that it was to have at most; the place may have less */
export function placeDetails(
  { target, label, can }: Pick<Place, 'target' | 'label' | 'can'>,
  kind: 'run' | 'task',
  seconds: number | undefined,
): string[] {
  if (target.kind === 'local') return ['sandbox on this machine'];
  const longest = can && longestSeconds(can, kind);
  const isShorter = longest !== undefined && seconds !== undefined && longest < seconds;
  return [label, ...(isShorter ? [`at most ${duration(longest * 1000)}`] : [])];
}
