import { bareBox } from '../bare-box.ts';
import { interleaved } from '../interleaved.ts';
import { OffloadSide } from '../offload-side.ts';
import { timedProcess } from '../plain-process.ts';
import { systemPython } from '../python.ts';
import type { Row } from '../row.ts';

const CODE = 'print("hello")';

/** What a small program costs, beside what no sandbox on bubblewrap can do without. */
export const oneShot: Row = {
  name: 'one-shot',
  rounds: 50,
  async measure(bench) {
    const offload = await OffloadSide.start(bench);
    const bare = bareBox(bench, [systemPython(), '-c', CODE]);
    const { ours, beside } = await interleaved(
      { counted: bench.rounds, warmUp: 5 },
      () => offload.timed(CODE),
      () => timedProcess(bare),
    );
    return [
      {
        name: 'one-shot Python run, submit to terminal event',
        unit: 'ms',
        ours: ours.map(({ ms }) => ms),
        beside: { name: 'bare bwrap … python3 -c', values: beside.map(({ ms }) => ms) },
        reach: { of: 'ratio', bound: '≤', value: 1.5 },
      },
    ];
  },
};
