import assert from 'node:assert/strict';
import { newRunId } from '../../../src/core/program/program.ts';
import type { RunEvent } from '../../../src/protocol/event.ts';
import { code } from '../../support/target/code.ts';
import { outcome, outputOf, request, run, submit, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';
import { startedRun } from './started-run.ts';

/** Prints which time it is run, as far as its own folder can tell, and a number that no other run prints. */
const UNIQUE = 'import uuid; print(uuid.uuid4())';

export function describeAttach(target: () => Target): void {
  describe('attaching', () => {
    const refused = (attempt: Promise<unknown>): Promise<void> =>
      assert.rejects(attempt, { code: 'not-supported' });
    const attached = (runId: string, after: number) => outcome(runId, target().sandbox.attach(runId, after));

    it('gives the same events again, from the beginning and from any number on', async () => {
      const first = succeeded(await run(target(), 'python', "print('a'); open('b', 'w').write('b')"));
      if (!target().capabilities.attach) {
        await refused(attached(first.runId, 0));
        return;
      }
      for (let after = 0; after < first.events.length; after++) {
        const again = await attached(first.runId, after);
        assert.deepEqual(again.events, first.events.slice(after));
      }
    });

    it('follows a run that goes on, two at once', async () => {
      if (!target().capabilities.attach) {
        await refused(attached(newRunId(), 0));
        return;
      }
      const text = code`
        import sys, time
        for i in range(30):
            print(i)
            time.sleep(0.02)
      `;
      const started = await startedRun(target(), 'python', text);
      const [all, late, submitted] = await Promise.all([
        attached(started.runId, 0),
        attached(started.runId, started.seq),
        started.rest,
      ]);
      assert.deepEqual(all.events, [...started.events, ...submitted]);
      assert.deepEqual(late.events, submitted);
      assert.equal(all.stdout, Array.from({ length: 30 }, (_, i) => `${String(i)}\n`).join(''));
    });

    it('happens when the same id is submitted again: it runs once', async () => {
      const ready = request(target(), 'python', UNIQUE);
      const first = succeeded(await submit(target(), ready));
      if (!target().capabilities.attach) return;
      assert.deepEqual((await submit(target(), ready)).events, first.events);
    });

    it('happens when the same id is submitted twice at once: it runs once', async () => {
      if (!target().capabilities.attach) return;
      const ready = request(target(), 'python', UNIQUE);
      const [one, two] = await Promise.all([submit(target(), ready), submit(target(), ready)]);
      assert.deepEqual(one.events, two.events);
      assert.match(succeeded(one).stdout, /^[0-9a-f-]{36}\n$/);
    });

    it('outlives a follower that leaves in the middle', async () => {
      if (!target().capabilities.attach) return;
      const started = await startedRun(target(), 'bash', 'echo first; sleep 0.5; echo second');
      started.leave();
      const all = succeeded(await attached(started.runId, 0));
      assert.equal(all.stdout, 'first\nsecond\n');
      assert.deepEqual(all.events.slice(0, started.events.length), started.events);
    });

    it('lists the run, with how it stands', async () => {
      if (!target().capabilities.attach) {
        await refused(target().sandbox.runs());
        return;
      }
      const going = await startedRun(target(), 'bash', 'echo first; sleep 60');
      const stateOf = async (runId: string) =>
        (await target().sandbox.runs()).find((each) => each.runId === runId);
      assert.partialDeepStrictEqual(await stateOf(going.runId), {
        title: 'a test',
        language: 'bash',
        state: 'running',
      });
      await target().sandbox.cancel(going.runId);
      assert.partialDeepStrictEqual(await stateOf(going.runId), { state: 'cancelled' });
      const done = await run(target(), 'bash', 'exit 1');
      assert.equal((await target().sandbox.runs())[0]?.runId, done.runId);
      assert.partialDeepStrictEqual(await stateOf(done.runId), { state: 'completed' });
    });

    it('to a run that nobody knows is refused', async () => {
      const expected = target().capabilities.attach ? 'unknown-run' : 'not-supported';
      await assert.rejects(attached(newRunId(), 0), { code: expected });
    });

    it('brings much output to each of three followers whole', async () => {
      if (!target().capabilities.attach) return;
      const text = code`
        import sys
        for i in range(200_000):
            sys.stdout.write(f'{i:09d}\n')
      `;
      const started = await startedRun(target(), 'python', text);
      const runs = await Promise.all([0, 0, 3].map((after) => attached(started.runId, after)));
      const whole = (events: RunEvent[]): string => outputOf(events, 'stdout').toString();
      const expected = Array.from({ length: 200_000 }, (_, i) => `${String(i).padStart(9, '0')}\n`).join('');
      assert(runs[0] !== undefined && runs[2] !== undefined);
      assert(whole(runs[0].events) === expected);
      assert.deepEqual(runs[1]?.events, runs[0].events);
      assert.deepEqual(runs[2].events, runs[0].events.slice(3));
      await started.rest;
    });
  });
}
