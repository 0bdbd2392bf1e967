import type { Writable } from 'node:stream';
import { written } from '../function-handler.ts';
import { apartFromEnd } from './last-line.ts';

/** Bytes of an answer at most, somewhat below Lambda's 200 MB: who wants more attaches. */
const MAX_ANSWER_BYTES = 190 * 1024 * 1024;

const LINE_FEED = 10;

/** What has to be in the store before something is sent. */
export interface Stored {
  /** That the run is this runner's. */
  taken: Promise<unknown>;
  /** All of its journal. */
  whole: Promise<unknown>;
}

/**
 * Sends frames as they come, the end of the run when it is stored. The first event of a run is the same whoever carries it
 * out, and is sent at once; what follows is sent when the run is this runner's.
 */
export async function sendEvents(
  first: IteratorResult<Buffer>,
  frames: AsyncIterator<Buffer>,
  response: Writable,
  stored: Stored,
): Promise<void> {
  let bytes = 0;
  for (let next = first; next.done !== true; next = await frames.next()) {
    const { lines, end } = apartFromEnd(next.value);
    const rest = bytes === 0 ? lines.indexOf(LINE_FEED) + 1 : 0;
    bytes += next.value.length;
    if (bytes > MAX_ANSWER_BYTES) response.end();
    if (rest > 0) await written(response, lines.subarray(0, rest));
    await stored.taken;
    if (rest < lines.length) await written(response, lines.subarray(rest));
    if (end === undefined) continue;
    const kept = Buffer.from(end);
    await stored.whole;
    await written(response, kept);
    return;
  }
}
