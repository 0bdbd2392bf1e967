import assert from 'node:assert/strict';
import { DeployedTransport } from '../../../src/core/lambda/deployed-transport.ts';
import type { Request } from '../../../src/protocol/request.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { deployedTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { request } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

type Frame = Record<string, unknown>;

describe('a run on AWS Lambda that says nothing for long', () => {
  const target = targetOf((context) => deployedTarget(context));

  it('is told to be there by the runner, and by control to whoever follows it there', async () => {
    const { endpoint, control, runner } = target();
    const { region, credentials } = endpoint;
    const transport = new DeployedTransport({
      controlFunction: control,
      runnerFunction: runner,
      tenant: 'of-the-quiet',
      region,
      endpoint: endpoint.endpoint,
      credentials,
      maxAttempts: 1,
    });
    const read = async (asked: Request, frames: Frame[]): Promise<void> => {
      for await (const frame of transport.send(asked)) frames.push(frame as Frame);
    };
    const beats = (frames: Frame[]): Frame[] => frames.filter(({ type }) => type === 'heartbeat');
    try {
      const ready = request(target(), 'bash', 'echo first; sleep 50');
      const [byRunner, byControl]: [Frame[], Frame[]] = [[], []];
      const running = read(ready, byRunner);
      await eventually(() => byRunner.some(({ type }) => type === 'output'));
      const attach = { kind: 'attach', version: PROTOCOL_VERSION, runId: ready.runId, after: 0 } as const;
      const following = read(attach, byControl);
      await eventually(() => [byRunner, byControl].every((frames) => beats(frames).length > 0));
      await target().sandbox.cancel(ready.runId);
      await Promise.all([running, following]);
      for (const frames of [byRunner, byControl]) {
        for (const beat of beats(frames)) assert.deepEqual(Object.keys(beat), ['type', 'time']);
        assert.equal(frames.at(-1)?.['type'], 'cancelled');
      }
      const events = (frames: Frame[]): Frame[] => frames.filter(({ type }) => type !== 'heartbeat');
      assert.deepEqual(events(byControl), events(byRunner));
    } finally {
      transport.dispose();
    }
  });
});
