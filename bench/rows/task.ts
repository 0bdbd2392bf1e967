import { interleaved } from '../interleaved.ts';
import { memoryDuring } from '../memory.ts';
import { OffloadSide } from '../offload-side.ts';
import type { Row } from '../row.ts';
import { bareTask, claudeProgram, offloadTask, scriptedModel, type TimedTask } from '../task-side.ts';

/** A task of three turns through Offload, beside the agent's own command line against the same model. */
export const task: Row = {
  name: 'task',
  rounds: 12,
  async measure(bench) {
    const program = claudeProgram();
    const model = await scriptedModel();
    try {
      const offload = await OffloadSide.start(bench);
      const memory: number[] = [];
      let before: number | undefined;
      const { ours, beside } = await interleaved(
        { counted: bench.rounds, warmUp: 2 },
        async () => {
          let timed: TimedTask | undefined;
          const [server] = await memoryDuring(offload.server, async () => {
            timed = await offloadTask(offload.sandbox, model, program);
          });
          before ??= server.before;
          memory.push((server.peak - before) / 1e6);
          return timed ?? { firstMs: Number.NaN, ms: Number.NaN };
        },
        () => bareTask(bench.folder, model, program),
      );
      const first = ({ firstMs }: TimedTask): number => firstMs;
      const whole = ({ ms }: TimedTask): number => ms;
      const name = 'Claude Code’s own command line';
      return [
        {
          name: 'a task’s first text, from submit',
          unit: 'ms',
          ours: ours.map(first),
          beside: { name, values: beside.map(first) },
          reach: { of: 'ratio', bound: '≤', value: 1.3 },
        },
        {
          name: 'a task of three turns, whole',
          unit: 'ms',
          ours: ours.map(whole),
          beside: { name, values: beside.map(whole) },
          reach: { of: 'ratio', bound: '≤', value: 1.15 },
        },
        {
          name: 'resident memory of the server beside the agent’s, peak over before the first task',
          unit: 'MB',
          ours: memory,
          reach: { of: 'largest', bound: '≤', value: 60 },
        },
      ];
    } finally {
      await model.close();
    }
  },
};
