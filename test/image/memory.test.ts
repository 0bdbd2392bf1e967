import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { hasEnded, treeOf } from '../../backend/src/isolation/process-tree.ts';
import { attached, ends, numbered } from '../support/target/deployed-run.ts';
import { deployedTarget } from '../support/target/deployed-target.ts';
import { eventually } from '../support/target/eventually.ts';
import { command } from '../support/target/processes.ts';
import { outputOf, run, succeeded } from '../support/target/run.ts';
import { targetOf } from '../support/target/target.ts';
import { startedRun } from '../contract/behaviour/started-run.ts';

/** Takes more than its function has. */
const GREEDY = `kept = []
print('begun', flush=True)
while True:
    kept.append(bytearray(16 * 1024 * 1024))
`;

/** Prints until it is told, and then fills memory with files: they are nobody's, and no count of programs' memory sees them. */
const FILLING = `import itertools, os, time
for number in itertools.count():
    print(number, flush=True)
    if os.path.exists('/tmp/fill'): break
    time.sleep(0.1)
for number in itertools.count():
    open(f'/tmp/{number}', 'wb').write(bytes(16 * 1024 * 1024))
`;

describe('a run that takes the memory of its function', () => {
  const target = targetOf((context) =>
    deployedTarget(context, { runnerSeconds: 50, leaseSeconds: 6, runnerMb: 512 }),
  );
  afterEach(() => {
    target().s3.onRequest = undefined;
  });

  it('hears that there is no more before the kernel ends all of it', async () => {
    const { events, end, stdout, stderr } = await run(target(), 'python', GREEDY);
    assert.equal(stdout, 'begun\n');
    assert.match(stderr, /MemoryError/);
    assert.equal(end.type, 'completed');
    numbered(events);
  });

  it('has one end for all where the kernel ends the runner in the middle of a write, and the next one runs', async () => {
    const { endpoint, runner, s3 } = target();
    let doomed: number[] = [];
    const ended = (): boolean => doomed.length > 0 && doomed.every((pid) => hasEnded(pid));
    s3.onRequest = async ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith('/1/000003') || doomed.length > 0) return undefined;
      const inIt = endpoint.processes(runner).flatMap(treeOf);
      doomed = inIt.filter((pid) => command(pid).includes('runner.handler'));
      // Of the processes of a container the kernel takes the one that has most; here it is to be the runner.
      for (const pid of inIt) offerToKernel(pid, doomed.includes(pid) ? 1000 : 0);
      writeFileSync(`/proc/${String(doomed[0])}/root/tmp/fill`, '');
      await eventually(ended);
      return 'lost';
    };
    const started = await startedRun(target(), 'python', FILLING);
    const events = [...started.events, ...(await started.rest)];
    assert(doomed.length > 0, 'the run ended before its memory was taken');
    // Short of memory, a runner may be too slow to keep its lease, and the run is over before its runner is.
    await eventually(ended);
    numbered(events);
    const all = await attached(target(), started.runId);
    assert(all.end.type === 'failed' && all.end.error.code === 'interrupted', JSON.stringify(all.end));
    assert.deepEqual(ends(events), ['failed']);
    assert(outputOf(events, 'stdout').toString().startsWith(all.stdout) && all.stdout.startsWith('0\n'));
    numbered(all.events);
    assert.equal(succeeded(await run(target(), 'bash', 'echo next')).stdout, 'next\n');
  });
});

/** How readily the kernel takes a process where memory is short, -1000 to 1000; see proc_pid_oom_score_adj(5). */
function offerToKernel(pid: number, readiness: number): void {
  try {
    writeFileSync(`/proc/${String(pid)}/oom_score_adj`, String(readiness));
  } catch (error) {
    // It has ended by itself.
    if (!hasEnded(pid)) throw error;
  }
}
