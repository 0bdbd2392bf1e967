import assert from 'node:assert/strict';
import { childrenOf, hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import { startedRun } from '../behaviour/started-run.ts';
import { code } from '../../support/target/code.ts';
import { eventually } from '../../support/target/eventually.ts';
import { localTarget, type LocalTarget } from '../../support/target/local-target.ts';
import { boxProcesses, servers, waitingProcesses } from '../../support/target/processes.ts';
import { run, succeeded } from '../../support/target/run.ts';
import { targetOf, type Target } from '../../support/target/target.ts';
import { userTarget } from '../../support/target/user-target.ts';

const waitingFor = async (folder: string): Promise<number> => {
  await eventually(() => waitingProcesses(folder).length > 0);
  const [one, ...others] = waitingProcesses(folder);
  assert.deepEqual(others, []);
  return one?.pid ?? 0;
};

const killed = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGKILL');
  await eventually(() => hasEnded(pid));
};

function describeReady(name: string, make: (context: Mocha.Context) => Promise<Target & { folder: string }>) {
  describe(`${name}: the process that is started ahead`, () => {
    const target = targetOf(make);
    /** The one that waits once a run has ended. */
    const ready = async (): Promise<number> => {
      succeeded(await run(target(), 'bash', 'true'));
      return waitingFor(target().folder);
    };

    it('is not there before the first run, and alone after it', async () => {
      await target().sandbox.environment();
      assert.deepEqual(waitingProcesses(target().folder), []);
      const pid = await ready();
      const [server] = await servers(target().folder);
      assert(childrenOf(server?.pid ?? 0).includes(pid));
      assert.deepEqual(childrenOf(pid), []);
      assert.deepEqual(await boxProcesses(target().folder), []);
    });

    it('makes the box of the next run, and of no other', async () => {
      const first = await ready();
      const started = await startedRun(target(), 'bash', 'echo started; sleep 600');
      assert.equal(childrenOf(first).length, 1);
      assert.deepEqual(waitingProcesses(target().folder), []);
      await target().sandbox.cancel(started.runId);
      assert(hasEnded(first));
      assert.notEqual(await waitingFor(target().folder), first);
    });

    it('makes one box of several that start at once', async () => {
      const first = await ready();
      const texts = Array.from({ length: 4 }, (_, index) => `echo ${String(index)}; sleep 600`);
      const started = await Promise.all(texts.map((text) => startedRun(target(), 'bash', text)));
      assert.equal(childrenOf(first).length, 1);
      const [server] = await servers(target().folder);
      const outer = childrenOf(server?.pid ?? 0).filter((pid) => childrenOf(pid).length > 0);
      assert.equal(outer.length, started.length);
      assert(outer.includes(first));
      for (const [index, { events, runId }] of started.entries()) {
        const last = events.at(-1);
        assert(last?.type === 'output');
        assert.equal(last.text, `${String(index)}\n`);
        await target().sandbox.cancel(runId);
      }
    });

    it('does not serve a run that has something to read', async () => {
      const first = await ready();
      assert.equal(succeeded(await run(target(), 'bash', 'cat', { stdin: { text: 'read' } })).stdout, 'read');
      assert(hasEnded(first));
    });

    it('is not missed when it has ended by itself', async () => {
      await killed(await ready());
      assert.equal(succeeded(await run(target(), 'bash', 'echo ran')).stdout, 'ran\n');
      await ready();
    });

    it('shows the program nothing of how it was started', async () => {
      const text = code`
        import os
        def read(path):
            try:
                return open(path, 'rb').read()
            except OSError:
                return b''
        print(sorted(os.environ))
        for pid in filter(str.isdigit, os.listdir('/proc')):
            for name in 'environ', 'cmdline':
                if b'OFFLOAD' + b'_START=' in read(f'/proc/{pid}/{name}'):
                    print(pid, name)
        print(read('/proc/self/environ').count(b'\0'), len(os.environ))
      `;
      const first = await ready();
      const seen = succeeded(await run(target(), 'python', text)).stdout;
      assert(hasEnded(first));
      assert.match(seen, /^\[[^\]]*\]\n(\d+) \1\n$/);
      assert(!seen.includes('OFFLOAD'), seen);
      await killed(await waitingFor(target().folder));
      assert.equal(succeeded(await run(target(), 'python', text)).stdout, seen);
    });

    it('takes options of any length', async () => {
      const first = await ready();
      const env = Object.fromEntries(['A', 'B', 'C', 'D', 'E'].map((name) => [name, name.repeat(100_000)]));
      const text = code`
        import os, sys, time
        sys.stdout.write(f"{sum(os.environ[name].count(name) for name in 'ABCDE')}\n")
        sys.stdout.flush()
        time.sleep(600)
      `;
      const started = await startedRun(target(), 'python', text, { env });
      const last = started.events.at(-1);
      assert(last?.type === 'output');
      assert.equal(last.text, '500000\n');
      assert.equal(childrenOf(first).length, 1);
      await target().sandbox.cancel(started.runId);
    });

    it('keeps no variable from the program, whatever its name', async () => {
      await ready();
      const env = { OFFLOAD_START: 'mine; echo "$HOME"' };
      const outcome = await run(target(), 'bash', 'echo "$OFFLOAD_START"', { env });
      assert.equal(succeeded(outcome).stdout, `${env.OFFLOAD_START}\n`);
    });

    it('ends with a server that is killed', async () => {
      const pid = await ready();
      for (const server of await servers(target().folder)) process.kill(server.pid, 'SIGKILL');
      await eventually(() => hasEnded(pid));
    });
  });
}

describeReady('the local sandbox', () => localTarget());
describeReady('the local sandbox of a user without rights', userTarget);

describe('the process that is started ahead ends with a server that ends', () => {
  let target: LocalTarget;
  beforeEach(async () => {
    target = await localTarget({ quietSeconds: 1 });
  });
  afterEach(() => target.dispose());

  for (const signal of ['SIGTERM', undefined] as const) {
    it(signal === undefined ? 'because nobody needs it' : `because of ${signal}`, async () => {
      succeeded(await run(target, 'bash', 'true'));
      const pid = await waitingFor(target.folder);
      if (signal !== undefined) process.kill(target.pid, signal);
      await eventually(async () => (await servers(target.folder)).length === 0);
      await eventually(() => hasEnded(pid));
      await eventually(async () => (await boxProcesses(target.folder)).length === 0);
    });
  }
});
