import type { Figure, Reach } from './figure.ts';
import type { Memory } from './memory.ts';

/** Megabytes by which memory that is flat may grow. What piles up is more: half of the stream when its reader stalls. */
const MAX_GROWTH_MB = 32;

/**
 * How much the memory of both ends grew while something happened, given server and consumer of each round. The first
 * round of a fresh process belongs to them: later ones find room in what it has left.
 *
 * The consumer is this process, whose heap the engine lets grow by leaps with garbage; so its middle round counts, and
 * of the server the worst.
 */
export const growthFigures = (when: string, rounds: readonly [Memory, Memory][]): Figure[] => [
  figure(
    'server',
    'largest',
    when,
    rounds.map(([server]) => server),
  ),
  figure(
    'consumer',
    'p50',
    when,
    rounds.map(([, consumer]) => consumer),
  ),
];

const figure = (who: string, of: Reach['of'], when: string, memory: readonly Memory[]): Figure => ({
  name: `resident memory of the ${who}, peak over before, ${when}`,
  unit: 'MB',
  ours: memory.map(({ before, peak }) => (peak - before) / 1e6),
  reach: { of, bound: '≤', value: MAX_GROWTH_MB },
  notes: [`before / peak / after, round by round: ${memory.map(megabytes).join(', ')} MB`],
});

const megabytes = ({ before, peak, after }: Memory): string =>
  [before, peak, after].map((bytes) => String(Math.round(bytes / 1e6))).join(' / ');
