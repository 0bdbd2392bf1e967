import type { Figure, Report } from './figure.ts';
import { isMet, median, medianOfRatios, quantile, ratioOfMedians, reached } from './statistics.ts';

const HEAD = [
  ...['figure', 'rounds', 'p50', 'p95', 'beside', 'its p50', 'its p95'],
  ...['ratio of medians', 'median of ratios', 'reach', 'reached', 'met'],
];

/** Nothing to say in a cell. */
const NONE = '–';

/** The reports as a table in Markdown, and under it what its cells are too small for. */
export function table(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ row, outcome }) =>
    outcome.type === 'figures' ? outcome.figures.map(cells) : [noCells(row, outcome.type)],
  );
  const notes = reports.flatMap(({ row, outcome }) =>
    outcome.type === 'figures'
      ? outcome.figures.flatMap(({ name, notes }) => (notes ?? []).map((note) => `- ${name}: ${note}`))
      : [`- ${row} ${outcome.type === 'skipped' ? 'was skipped' : 'failed'}: ${outcome.reason}`],
  );
  const lines = [HEAD, HEAD.map(() => '---'), ...rows].map((line) => `| ${line.map(escape).join(' | ')} |`);
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

function cells(figure: Figure): string[] {
  const { name, unit, ours, beside, reach } = figure;
  const other = beside?.values;
  const measure = (value: number): string => `${short(value)} ${unit}`;
  const reachUnit = reach?.of === 'ratio' ? '' : ` ${unit}`;
  return [
    name,
    String(ours.length),
    measure(median(ours)),
    measure(quantile(ours, 0.95)),
    beside?.name ?? NONE,
    other === undefined ? NONE : measure(median(other)),
    other === undefined ? NONE : measure(quantile(other, 0.95)),
    other === undefined ? NONE : short(ratioOfMedians(ours, other)),
    other === undefined ? NONE : short(medianOfRatios(ours, other)),
    ...(reach === undefined
      ? [NONE, NONE, NONE]
      : [
          `${reach.of} ${reach.bound} ${short(reach.value)}${reachUnit}`,
          `${short(reached(figure))}${reachUnit}`,
          isMet(figure) ? 'yes' : 'no',
        ]),
  ];
}

const noCells = (row: string, what: string): string[] => [row, ...HEAD.slice(2).map(() => NONE), what];

/** A number in as many digits as say something. */
export function short(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

const escape = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
