import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { isTerminal } from '../../../../src/protocol/event.ts';

/**
 * A part of a journal: a line that says whose it is, then lines of events. One with `fence` has no events: nothing more
 * counts of its epoch, and the journal goes on in the epoch that it names.
 */
const headerSchema = z.object({ writer: z.string(), fence: z.optional(z.int().check(z.minimum(1))) });

const lineSchema = z.looseObject({ seq: z.int(), type: z.string() });

export interface Segment {
  fence: number | undefined;
  /** Whole lines of events. */
  lines: Buffer;
  /** The number of the last of them; the one before the first where there are none. */
  seq: number;
  /** Whether the last of them is the end of the run. */
  terminal: boolean;
}

/** Tells what one process has written from what another has. */
export const newWriter = (): string => randomBytes(8).toString('hex');

export const encodeSegment = (writer: string, lines: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify({ writer })}\n`), lines]);

export const encodeFence = (writer: string, epoch: number): Buffer =>
  Buffer.from(`${JSON.stringify({ writer, fence: epoch })}\n`);

/**
 * Reads a segment whose events come after number `after`. Undefined where it is not one: whoever has a run's addresses
 * can write anything in its place.
 */
export function parseSegment(bytes: Buffer, after: number): Segment | undefined {
  try {
    if (bytes.at(-1) !== 10) return undefined;
    const end = bytes.indexOf(10) + 1;
    const { fence } = headerSchema.parse(JSON.parse(bytes.toString('utf8', 0, end)));
    const lines = bytes.subarray(end);
    let seq = after;
    let terminal = false;
    for (let from = 0; from < lines.length;) {
      const next = lines.indexOf(10, from) + 1;
      const event = lineSchema.parse(JSON.parse(lines.toString('utf8', from, next)));
      if (terminal || event.seq !== ++seq) return undefined;
      terminal = isTerminal(event);
      from = next;
    }
    if (fence !== undefined && lines.length > 0) return undefined;
    return { fence, lines, seq, terminal };
  } catch {
    return undefined;
  }
}
