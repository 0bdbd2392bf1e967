import { longestSeconds } from '../../protocol/check-capabilities.ts';
import { duration } from '../duration.ts';
import type { Place } from './targets.ts';

/**
 * What a run's heading says of where it is.
 * @param seconds that it was to have at most; the place may have less
 * @param hasCredentials whether it has credentials of a role in AWS
 */
export function placeDetails(
  { label, can }: Pick<Place, 'label' | 'can'>,
  kind: 'run' | 'task',
  seconds: number | undefined,
  hasCredentials = false,
): string[] {
  const longest = can && longestSeconds(can, kind, hasCredentials);
  const isShorter = longest !== undefined && seconds !== undefined && longest < seconds;
  return [label, ...(isShorter ? [`at most ${duration(longest * 1000)}`] : [])];
}
