import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { hasEnded, treeOf } from '../../backend/src/isolation/process-tree.ts';
import { attached, ends, numbered } from '../support/target/deployed-run.ts';
import { deployedTarget } from '../support/target/deployed-target.ts';
import { eventually } from '../support/target/eventually.ts';
import { outputOf, run, succeeded } from '../support/target/run.ts';
import { targetOf } from '../support/target/target.ts';
import { startedRun } from '../contract/behaviour/started-run.ts';

/** Prints, and after a while takes more than its function has. */
const greedy = (lines: number, take: string): string => `import time
for number in range(${String(lines)}):
    print(number, flush=True)
    time.sleep(0.1)
kept = []
while True:
    ${take}
`;

const GREEDY = greedy(20, 'kept.append(bytearray(16 * 1024 * 1024))');
/** Files in memory are nobody's: whoever counts what programs have does not see them coming. */
const FILLING = greedy(40, "open(f'/tmp/{len(kept)}', 'wb').write(bytes(16 * 1024 * 1024)); kept.append(0)");

describe('a run that takes the memory of its function', function () {
  this.timeout(60_000);
  const target = targetOf((context) =>
    deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 2, runnerMb: 512 }),
  );
  afterEach(() => {
    target().s3.onRequest = undefined;
  });

  it('hears that there is no more before the kernel ends all of it', async () => {
    const { events, end, stdout, stderr } = await run(target(), 'python', GREEDY);
    assert.equal(stdout.split('\n').length, 21);
    assert.match(stderr, /MemoryError/);
    assert.equal(end.type, 'completed');
    numbered(events);
  });

  it('has one end for all where the kernel ends the runner in the middle of a write, and the next one runs', async () => {
    const { endpoint, runner, s3 } = target();
    const ended = (): boolean => doomed.every((pid) => hasEnded(pid));
    let doomed: number[] = [];
    const held = new Set<string>();
    s3.onRequest = async ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith('/1/000003') || held.has(key)) return undefined;
      held.add(key);
      await eventually(() => doomed.length > 0 && ended());
      return 'lost';
    };
    const started = await startedRun(target(), 'python', FILLING);
    // Of the processes of a container the kernel takes the one that has most; here it is to be the runner.
    const inIt = endpoint.processes(runner).flatMap(treeOf);
    doomed = inIt.filter((pid) =>
      readFileSync(`/proc/${String(pid)}/cmdline`, 'latin1').includes('runner.handler'),
    );
    assert(doomed.length > 0);
    for (const pid of inIt)
      writeFileSync(`/proc/${String(pid)}/oom_score_adj`, doomed.includes(pid) ? '1000' : '0');
    const events = [...started.events, ...(await started.rest)];
    assert.equal(held.size, 1);
    assert(ended());
    numbered(events);
    const all = await attached(target(), started.runId);
    assert(all.end.type === 'failed' && all.end.error.code === 'interrupted', JSON.stringify(all.end));
    assert.deepEqual(ends(events), ['failed']);
    assert(outputOf(events, 'stdout').toString().startsWith(all.stdout) && all.stdout.startsWith('0\n'));
    numbered(all.events);
    assert.equal(succeeded(await run(target(), 'bash', 'echo next')).stdout, 'next\n');
  });
});
