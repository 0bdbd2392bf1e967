import { isTerminal } from '../../../src/protocol/event.ts';

const LINE_FEED = 10;

/** Characters in which a line of a journal has said what its type is; see `Journal`. */
const HEAD = 96;

/** Whole lines, apart from a last one that is the end of the run. */
export function apartFromEnd(lines: Buffer): { lines: Buffer; end: Buffer | undefined } {
  const start = lines.lastIndexOf(LINE_FEED, lines.length - 2) + 1;
  const head = lines.toString('latin1', start, Math.min(lines.length, start + HEAD));
  const type = /^\{"seq":\d+,"time":[\d.]+,"type":"([a-z]+)"/.exec(head)?.[1] ?? '';
  if (!isTerminal({ type })) return { lines, end: undefined };
  return { lines: lines.subarray(0, start), end: lines.subarray(start) };
}

/** A heartbeat comes alone, and is part of no journal. */
export const isHeartbeat = (lines: Buffer): boolean =>
  lines.toString('latin1', 0, 19) === '{"type":"heartbeat"';
