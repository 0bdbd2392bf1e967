import { follow } from '../../src/core/run/follow.ts';
import type { RunEvent } from '../../src/protocol/event.ts';
import type { RunRequest } from '../../src/protocol/request.ts';
import { repeated } from '../interleaved.ts';
import { LambdaSide } from '../lambda-side.ts';
import { pythonRequest } from '../offload-side.ts';
import type { Row } from '../row.ts';

/** Says that it runs, and goes on until it is ended. */
const CODE = 'import time\nprint("ready", flush=True)\ntime.sleep(600)';

/** A cancel reaches a program on the deployed backend through the store. */
export const lambdaCancel: Row = {
  name: 'lambda-cancel',
  rounds: 15,
  async measure({ rounds }) {
    const side = await LambdaSide.start();
    try {
      const ours = await repeated({ counted: rounds, warmUp: 1 }, () => cancelled(side));
      return [
        {
          name: 'on Lambda, a cancel, from the request to the terminal event',
          unit: 'ms',
          ours,
          reach: { of: 'p95', bound: '≤', value: 1000 },
        },
      ];
    } finally {
      await side.dispose();
    }
  },
};

async function cancelled({ sandbox }: LambdaSide): Promise<number> {
  const { interpreter: _, ...program } = pythonRequest(CODE);
  const request: RunRequest = { ...program, network: 'open' };
  let [started, asked] = [Number.NaN, Promise.resolve<unknown>(undefined)];
  let end: RunEvent | undefined;
  for await (const event of follow(sandbox, { request })) {
    end = event;
    if (event.type !== 'output' || event.text?.includes('ready') !== true) continue;
    started = performance.now();
    asked = sandbox.cancel(request.runId);
  }
  const ms = performance.now() - started;
  await asked;
  if (end?.type !== 'cancelled') throw new Error(`the run was not cancelled: ${JSON.stringify(end)}`);
  return ms;
}
