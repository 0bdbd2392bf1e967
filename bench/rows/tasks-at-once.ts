import { memoryDuring } from '../memory.ts';
import { OffloadSide } from '../offload-side.ts';
import type { Row } from '../row.ts';
import { claudeProgram, offloadTask, scriptedModel } from '../task-side.ts';

/** Tasks that go on at once. */
const TASKS = 8;

/** Eight tasks at once: that none fails, how long they take, and what the server needs for each. */
export const tasksAtOnce: Row = {
  name: 'tasks-at-once',
  rounds: 3,
  async measure(bench) {
    const program = claudeProgram();
    const model = await scriptedModel();
    try {
      const offload = await OffloadSide.start(bench);
      await offloadTask(offload.sandbox, model, program);
      const times: number[] = [];
      const memory: number[] = [];
      for (let round = 0; round < bench.rounds; round++) {
        const started = performance.now();
        const [server] = await memoryDuring(offload.server, async () => {
          await Promise.all(
            Array.from({ length: TASKS }, () => offloadTask(offload.sandbox, model, program)),
          );
        });
        times.push(performance.now() - started);
        memory.push((server.peak - server.before) / TASKS / 1e6);
      }
      const seconds = times.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ');
      return [
        {
          name: `resident memory of the server for each of ${String(TASKS)} tasks at once, peak over before`,
          unit: 'MB',
          ours: memory,
          reach: { of: 'largest', bound: '≤', value: 60 },
          notes: [`none failed; to the end of the last, round by round: ${seconds}`],
        },
      ];
    } finally {
      await model.close();
    }
  },
};
