import { interleaved } from '../interleaved.ts';
import { LambdaSide } from '../lambda-side.ts';
import type { Row } from '../row.ts';
import { quantile } from '../statistics.ts';
import { STREAM_BYTES, STREAM_CODE, STREAM_LIMITS } from '../stream.ts';
import type { Timed } from '../timed.ts';

const BESIDE = 'bare streaming handler';

/** Says something as soon as it runs, and goes on. */
const HELLO = 'import time\nprint("hello", flush=True)\ntime.sleep(0.01)';

/** Lines of a stream that say when they were written, and milliseconds between two of them. */
const LINES = 200;
const PACED = `
import time
for _ in range(${String(LINES)}):
    time.sleep(0.005)
    print(f'<{time.time() * 1000:.3f}>', flush=True)
`;

/** Rounds of 100 MB. */
const STREAMS = 5;

/** A run on the deployed backend, beside a function that does nothing but run the program. */
export const lambda: Row = {
  name: 'lambda',
  rounds: 40,
  async measure({ rounds }) {
    const side = await LambdaSide.start();
    try {
      const writes: number[] = [];
      const first = await interleaved(
        { counted: rounds, warmUp: 5 },
        async () => {
          writes.push(await side.write());
          return side.timed(HELLO);
        },
        () => side.bare(HELLO),
      );
      const write = quantile(writes, 0.5);
      const events = await interleaved(
        { counted: Math.min(rounds, 10), warmUp: 1 },
        () => delays((onOutput) => side.timed(PACED, {}, onOutput)),
        () => delays((onOutput) => side.bare(PACED, onOutput)),
      );
      const streams = await interleaved(
        { counted: Math.min(rounds, STREAMS), warmUp: 1 },
        async () => rate(await side.timed(STREAM_CODE, STREAM_LIMITS)),
        async () => rate(await side.bare(STREAM_CODE)),
      );
      return [
        {
          name: 'on Lambda, submit to first event, less one store write',
          unit: 'ms',
          ours: first.ours.map(({ eventMs }) => eventMs - write),
          beside: { name: BESIDE, values: first.beside.map(({ eventMs }) => eventMs) },
          reach: { of: 'ratio', bound: '≤', value: 1.3 },
          notes: [
            `a write to the store took ${write.toFixed(1)} ms (median)`,
            'the first event of the bare handler is a byte that it writes before it starts the program',
          ],
        },
        {
          name: 'on Lambda, submit to first output',
          unit: 'ms',
          ours: first.ours.map(({ firstMs }) => firstMs),
          beside: { name: BESIDE, values: first.beside.map(({ firstMs }) => firstMs) },
        },
        {
          name: 'on Lambda, an event, from the program to the client (95th percentile)',
          unit: 'ms',
          ours: events.ours,
          beside: { name: BESIDE, values: events.beside },
          reach: { of: 'difference', bound: '≤', value: 1 },
        },
        {
          name: 'on Lambda, 100 MB of stdout to the client, stored too',
          unit: 'MB/s',
          ours: streams.ours,
          beside: { name: BESIDE, values: streams.beside },
          reach: { of: 'ratio', bound: '≥', value: 0.5 },
        },
      ];
    } finally {
      await side.dispose();
    }
  },
};

/** The 95th percentile of the milliseconds that lines were on their way. */
async function delays(run: (onOutput: (text: string) => void) => Promise<Timed>): Promise<number> {
  const taken: number[] = [];
  let rest = '';
  await run((text) => {
    const now = performance.timeOrigin + performance.now();
    rest += text;
    const end = rest.lastIndexOf('\n') + 1;
    for (const [, written] of rest.slice(0, end).matchAll(/<([\d.]+)>/g)) taken.push(now - Number(written));
    rest = rest.slice(end);
  });
  if (taken.length === LINES) return quantile(taken, 0.95);
  throw new Error(`${String(taken.length)} lines came of ${String(LINES)}`);
}

/** Megabytes a second of a stream that came whole. */
function rate({ bytes, ms }: Timed): number {
  if (bytes === STREAM_BYTES) return bytes / 1e6 / (ms / 1000);
  throw new Error(`${String(bytes)} bytes came of ${String(STREAM_BYTES)}`);
}
