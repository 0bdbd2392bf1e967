import type { Figure } from './figure.ts';

/** The value below which `share` (0 to 1) of the values lie, between two values by proportion. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of ours over that of the other side. */
export const ratioOfMedians = (ours: readonly number[], beside: readonly number[]): number =>
  median(ours) / median(beside);

/**
 * The median of each round's own ratio: what a machine does to a whole round falls out of it. Both sides have a value
 * for each round.
 */
export const medianOfRatios = (ours: readonly number[], beside: readonly number[]): number =>
  median(ours.map((value, round) => value / (beside[round] ?? Number.NaN)));

/** The number that a figure's reach is about; NaN without one. */
export function reached({ ours, beside, reach }: Figure): number {
  const other = beside?.values ?? [];
  switch (reach?.of) {
    case 'ratio':
      return ratioOfMedians(ours, other);
    case 'difference':
      return median(ours) - median(other);
    case 'p50':
      return median(ours);
    case 'p95':
      return quantile(ours, 0.95);
    case 'largest':
      return Math.max(...ours);
    case undefined:
      return Number.NaN;
  }
}

/** Whether a figure is within its reach. What could not be computed is not. */
export function isMet(figure: Figure): boolean {
  if (figure.reach === undefined) return false;
  const { bound, value } = figure.reach;
  return bound === '≤' ? reached(figure) <= value : reached(figure) >= value;
}
