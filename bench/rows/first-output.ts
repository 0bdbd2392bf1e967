import { interleaved } from '../interleaved.ts';
import { OffloadSide } from '../offload-side.ts';
import { timedProcess } from '../plain-process.ts';
import { systemPython } from '../python.ts';
import type { Row } from '../row.ts';

/** Says something as soon as it runs, and goes on. */
const CODE = 'import time\nprint("hello", flush=True)\ntime.sleep(0.01)';

/** How long one looks at an empty terminal. */
export const firstOutput: Row = {
  name: 'first-output',
  rounds: 50,
  async measure(bench) {
    const offload = await OffloadSide.start(bench);
    const plain = { file: systemPython(), args: ['-c', CODE], cwd: bench.folder };
    const { ours, beside } = await interleaved(
      { counted: bench.rounds, warmUp: 5 },
      () => offload.timed(CODE),
      () => timedProcess(plain),
    );
    return [
      {
        name: 'submit to first output',
        unit: 'ms',
        ours: ours.map(({ firstMs }) => firstMs),
        beside: { name: 'pipe of a plain spawn', values: beside.map(({ firstMs }) => firstMs) },
        reach: { of: 'ratio', bound: '≤', value: 2 },
      },
    ];
  },
};
