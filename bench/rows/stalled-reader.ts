import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from '../../src/core/run/follow.ts';
import type { RunEvent } from '../../src/protocol/event.ts';
import { growthFigures } from '../growth-figures.ts';
import { repeated } from '../interleaved.ts';
import { memoryDuring } from '../memory.ts';
import { OffloadSide, outputBytes, pythonRequest, requireCompleted } from '../offload-side.ts';
import type { Row } from '../row.ts';
import { STREAM_BYTES, STREAM_CODE, STREAM_LIMITS, streamBlocks } from '../stream.ts';

/** Milliseconds that the reader takes nothing. */
const STALL = 2000;

/** Collections after which what is left is in use. */
const GARBAGE_PASSES = 3;

/** Megabytes that a reader may hold of a stream, besides what it has used. Half of the stream is still to come. */
const MAX_HELD_MB = 8;

/** A reader that stalls in the middle of much output: nothing may pile up, and nothing be lost. */
export const stalledReader: Row = {
  name: 'stalled-reader',
  rounds: 3,
  async measure(bench) {
    const offload = await OffloadSide.start(bench);
    const expected = createHash('sha256');
    for (const block of streamBlocks()) expected.update(block);
    const hash = expected.digest('hex');
    const held: number[] = [];
    const memory = await repeated({ counted: bench.rounds, warmUp: 0 }, () =>
      memoryDuring(offload.server, async () => {
        held.push(await readWithStall(offload, hash));
      }),
    );
    return [
      ...growthFigures('with a reader that stalls in the middle', memory),
      {
        // Resident memory says little of a consumer whose heap has grown before: what piles up fits in there.
        name: 'what the consumer holds while it stalls, garbage collected',
        unit: 'MB',
        ours: held,
        reach: { of: 'largest', bound: '≤', value: MAX_HELD_MB },
      },
    ];
  },
};

/**
 * Gives the megabytes that this process held more while it stalled than before.
 * @throws Error when what came is not what was written
 */
async function readWithStall(offload: OffloadSide, hash: string): Promise<number> {
  const came = createHash('sha256');
  const before = await heldBytes();
  let more = Number.NaN;
  let bytes = 0;
  let end: RunEvent | undefined;
  for await (const event of follow(offload.sandbox, { request: pythonRequest(STREAM_CODE, STREAM_LIMITS) })) {
    end = event;
    if (event.type !== 'output') continue;
    came.update(event.text ?? Buffer.from(event.base64 ?? '', 'base64'));
    bytes += outputBytes(event);
    if (!Number.isNaN(more) || bytes < STREAM_BYTES / 2) continue;
    await sleep(STALL);
    more = (await heldBytes()) - before;
  }
  requireCompleted(end);
  if (came.digest('hex') === hash) return more / 1e6;
  throw new Error(`what came is not what was written: ${String(bytes)} bytes of ${String(STREAM_BYTES)}`);
}

/** Bytes that are still in use. Memory outside the heap is given back some turns after its owner was collected. */
async function heldBytes(): Promise<number> {
  for (let pass = 0; pass < GARBAGE_PASSES; pass++) {
    globalThis.gc?.();
    await sleep(1);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
