import { growthFigures } from '../growth-figures.ts';
import { interleaved } from '../interleaved.ts';
import { memoryDuring, type Memory } from '../memory.ts';
import { OffloadSide } from '../offload-side.ts';
import { timedProcess } from '../plain-process.ts';
import { systemPython } from '../python.ts';
import type { Row } from '../row.ts';
import { STREAM_BYTES, STREAM_CODE, STREAM_LIMITS } from '../stream.ts';
import type { Timed } from '../timed.ts';

/** How fast much output comes, and what it takes on the way. */
export const throughput: Row = {
  name: 'throughput',
  rounds: 7,
  async measure(bench) {
    const offload = await OffloadSide.start(bench);
    const plain = { file: systemPython(), args: ['-c', STREAM_CODE], cwd: bench.folder };
    const memory: [Memory, Memory][] = [];
    const { ours, beside } = await interleaved(
      { counted: bench.rounds, warmUp: 2 },
      async () => {
        let megabytesASecond = Number.NaN;
        const streaming = async (): Promise<void> => {
          megabytesASecond = rate(await offload.timed(STREAM_CODE, STREAM_LIMITS));
        };
        memory.push(await memoryDuring(offload.server, streaming));
        return megabytesASecond;
      },
      async () => rate(await timedProcess(plain)),
    );
    return [
      {
        name: '100 MB of stdout to the consumer, counted',
        unit: 'MB/s',
        ours,
        beside: { name: 'Node pipe read', values: beside },
        reach: { of: 'ratio', bound: '≥', value: 0.2 },
      },
      ...growthFigures('while 100 MB pass', memory),
    ];
  },
};

/** Megabytes a second of a stream that came whole. */
function rate({ bytes, ms }: Timed): number {
  if (bytes === STREAM_BYTES) return bytes / 1e6 / (ms / 1000);
  throw new Error(`${String(bytes)} bytes came of ${String(STREAM_BYTES)}`);
}
