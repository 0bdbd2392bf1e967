import assert from 'node:assert/strict';
import { newRunId } from '../../../src/core/program/program.ts';
import { code } from '../../support/target/code.ts';
import { outcome, request, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';
import { startedRun } from './started-run.ts';

/** @param queues whether runs that are too many wait for their turn in the target */
export function describeCancel(target: () => Target, queues: boolean): void {
  describe('cancelling', () => {
    const cancel = (runId: string) => target().sandbox.cancel(runId);
    const lacking = async (): Promise<boolean> => {
      if (target().capabilities.cancel) return false;
      await assert.rejects(cancel(newRunId()), { code: 'not-supported' });
      return true;
    };

    it('ends a run that goes on and keeps what came before', async () => {
      if (await lacking()) return;
      const text = code`
        import time
        open('made', 'w').write('made')
        print('first')
        time.sleep(60)
      `;
      const started = await startedRun(target(), 'python', text);
      const end = await cancel(started.runId);
      assert.equal(end.type, 'cancelled');
      const rest = await started.rest;
      assert.deepEqual(rest.at(-1), end);
      assert.deepEqual(
        rest.filter((event) => event.type === 'change').map(({ path }) => path),
        ['made'],
      );
    });

    it('ends one that ignores signals, with children in sessions of their own', async () => {
      if (await lacking()) return;
      const text = code`
        trap '' TERM INT HUP
        setsid bash -c 'trap "" TERM; while true; do sleep 1; done' &
        echo first
        while true; do sleep 1; done
      `;
      const started = await startedRun(target(), 'bash', text);
      assert.equal((await cancel(started.runId)).type, 'cancelled');
    });

    it('ends one that is not there yet, or only just', async () => {
      if (await lacking()) return;
      for (const phase of ['queued', 'starting', 'running'] as const) {
        for (const wait of [0, 0, 0, 0, 1, 2, 4, 8, 16]) {
          const ready = request(target(), 'bash', 'sleep 60');
          for await (const event of target().sandbox.submit(ready)) {
            if (event.type !== 'phase' || event.phase !== phase) continue;
            if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
            assert.equal((await cancel(ready.runId)).type, 'cancelled');
            break;
          }
        }
      }
    });

    // Where runs that are too many are refused, none waits.
    if (queues)
      it('ends runs that wait for their turn, which then never start', async () => {
        if (await lacking()) return;
        const all = Array.from({ length: 40 }, () => request(target(), 'bash', 'echo started; sleep 60'));
        const streams = all.map((ready) => target().sandbox.submit(ready)[Symbol.asyncIterator]());
        await Promise.all(streams.map((stream) => stream.next()));
        for (const ready of all.toReversed()) assert.equal((await cancel(ready.runId)).type, 'cancelled');
        for (const stream of streams) await stream.return?.();
        const last = all.at(-1)?.runId ?? '';
        const { events } = await outcome(last, target().sandbox.attach(last, 0));
        assert.deepEqual(
          events.map((event) => (event.type === 'phase' ? event.phase : event.type)),
          ['queued', 'cancelled'],
        );
      });

    it('leaves a run alone that has ended, and twice is once', async () => {
      if (await lacking()) return;
      const { runId, end } = succeeded(await run(target(), 'bash', 'true'));
      assert.deepEqual(await cancel(runId), end);
      const started = await startedRun(target(), 'bash', 'echo first; sleep 60');
      const [one, two] = await Promise.all([cancel(started.runId), cancel(started.runId)]);
      assert.equal(one.type, 'cancelled');
      assert.deepEqual(two, one);
    });

    it('a run that nobody knows is refused', async () => {
      if (await lacking()) return;
      await assert.rejects(cancel(newRunId()), { code: 'unknown-run' });
    });
  });
}
