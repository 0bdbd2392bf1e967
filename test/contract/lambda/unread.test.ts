import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/protocol/event.ts';
import { say, turn } from '../../support/messages-api/turn.ts';
import { attached, ends, numbered } from '../../support/target/deployed-run.ts';
import { eventually } from '../../support/target/eventually.ts';
import { run } from '../../support/task/claude-tools.ts';
import { deployedTasks } from '../../support/task/deployed-tasks.ts';
import { taskRequest } from '../../support/task/task-request.ts';

const MIB = 1024 ** 2;

/** More than is on its way between a runner and whoever reads its answer. */
const MUCH = 40 * MIB;

// The second program is stopped with its function.
const made = `printf 'yes 0123456789 | head -c ${String(MUCH)}' > a.sh; printf 'test -e begun || { touch begun; sleep 60; }' > b.sh`;

describe('a task that is longer than its function, whose reader takes nothing any more', () => {
  const tasks = deployedTasks(
    ({ messages }) => (messages.some(({ role }) => role === 'assistant') ? say('Made.') : turn([run(made)])),
    { runnerSeconds: 28, leaseSeconds: 4 },
  );

  it('goes on all the same', async () => {
    const { on } = tasks();
    const request = taskRequest({
      prompt: 'make programs',
      model: 'claude-sonnet-4-5',
      limits: { wallSeconds: 3600, cpuSeconds: 3600 },
      network: 'open',
      execute: true,
    });
    const reading = on.sandbox.submit(request)[Symbol.asyncIterator]();
    let last: RunEvent | undefined;
    while (last?.type !== 'output') last = ((await reading.next()) as { value: RunEvent }).value;
    const { events } = await attached(on, request.runId);
    numbered(events);
    assert.deepEqual(ends(events), ['completed']);
    const moves = events.filter((event) => event.type === 'notice' && event.code === 'moving');
    assert.equal(moves.length, 1);
    const bytes = events.map((event) => (event.type === 'output' ? (event.text?.length ?? 0) : 0));
    assert.equal(
      bytes.reduce((sum, each) => sum + each, 0),
      MUCH,
    );
    await reading.return?.();
    await eventually(() => on.endpoint.logs(on.runner).match(/^END/gm)?.length === 2);
  });
});
