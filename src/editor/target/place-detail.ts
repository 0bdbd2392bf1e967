import { longestSeconds } from '../../core/targets/fit.ts';
import { duration } from '../duration.ts';
import type { Place } from './targets.ts';

/** What a run's heading says of where it is. @param seconds that it was to have at most; the place may have less */
export function placeDetails(
  { label, can }: Pick<Place, 'label' | 'can'>,
  kind: 'run' | 'task',
  seconds: number | undefined,
): string[] {
  const longest = can && longestSeconds(can, kind);
  const isShorter = longest !== undefined && seconds !== undefined && longest < seconds;
  return [label, ...(isShorter ? [`at most ${duration(longest * 1000)}`] : [])];
}
