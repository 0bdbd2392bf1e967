import { randomBytes } from 'node:crypto';
import { follow } from '../../src/core/run/follow.ts';
import type { RunEvent } from '../../src/protocol/event.ts';
import { allEnded, processesWith } from '../box-processes.ts';
import { repeated } from '../interleaved.ts';
import { OffloadSide, pythonRequest } from '../offload-side.ts';
import type { Row } from '../row.ts';

/** Processes that the program makes, its first one among them. */
const PROCESSES = 6;

/** Ignores every signal that can be ignored, and so do its children, half of them in sessions of their own. */
const CODE = `
import os, signal, time
for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(each, signal.SIG_IGN)
ready, here = os.pipe()
for number in range(${String(PROCESSES - 1)}):
    if os.fork() == 0:
        if number % 2:
            os.setsid()
        os.write(here, b'x')
        while True:
            time.sleep(60)
for number in range(${String(PROCESSES - 1)}):
    os.read(ready, 1)
print('ready', flush=True)
while True:
    time.sleep(60)
`;

/** How long a program goes on after it was told to stop. */
export const cancel: Row = {
  name: 'cancel',
  rounds: 30,
  async measure(bench) {
    const offload = await OffloadSide.start(bench);
    const ours = await repeated({ counted: bench.rounds, warmUp: 2 }, () => cancelled(offload));
    return [
      {
        name: `cancel until none of ${String(PROCESSES)} processes that ignore signals is left`,
        unit: 'ms',
        ours,
        reach: { of: 'p95', bound: '≤', value: 100 },
      },
    ];
  },
};

/** @throws Error when the run is said to have ended before its processes have */
async function cancelled({ sandbox }: OffloadSide): Promise<number> {
  // An argument that no other process has: what is found by it owes nothing to the backend's own book-keeping.
  const mark = `offload-bench-${randomBytes(16).toString('hex')}`;
  const request = pythonRequest(CODE, {}, [mark]);
  let ms = Number.NaN;
  let end: RunEvent | undefined;
  for await (const event of follow(sandbox, { request })) {
    end = event;
    if (event.type !== 'output' || event.text?.includes('ready') !== true) continue;
    const pids = processesWith(mark);
    if (pids.length < PROCESSES)
      throw new Error(`only ${String(pids.length)} processes are seen on the host`);
    const started = performance.now();
    const ended = sandbox.cancel(request.runId);
    await allEnded(pids);
    ms = performance.now() - started;
    await ended;
    const left = processesWith(mark);
    if (left.length > 0) throw new Error(`the run has ended and left processes ${left.join(', ')}`);
  }
  if (end?.type !== 'cancelled') throw new Error(`the run was not cancelled: ${JSON.stringify(end)}`);
  return ms;
}
