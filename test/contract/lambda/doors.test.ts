import assert from 'node:assert/strict';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { newRunId } from '../../../src/core/program/program.ts';
import { issueToken } from '../../../backend/src/control/run-token.ts';
import { lambdaClient, openStream, readToEnd, type Streamed } from '../../support/lambda/client.ts';
import { deployedTarget, SIGNING } from '../../support/target/deployed-target.ts';
import { targetOf } from '../../support/target/target.ts';

const streamed = async (
  client: LambdaClient,
  name: string,
  event: object,
  tenant?: string,
): Promise<Streamed> => readToEnd(await openStream(client, name, event, undefined, tenant));

describe('the doors of a deployed backend', () => {
  const target = targetOf((context) => deployedTarget(context));
  const ask = (path: string, headers: Record<string, string>, body = '{}'): Promise<Response> =>
    fetch(`${target().endpoint.url(target().control)}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  it('let nobody in without the token of a run', async () => {
    for (const path of ['/addresses', '/end', '/model/v1/messages', '/', '/runs']) {
      for (const token of ['', 'x', 'x.y', `${Buffer.from('{}').toString('base64url')}.${'A'.repeat(43)}`]) {
        const answer = await ask(path, token === '' ? {} : { 'x-offload-token': token });
        assert.equal(answer.status, 401, path);
      }
    }
    // What a client asks of control by an invocation is nothing at its URL.
    const request = JSON.stringify({ kind: 'runs', version: 1 });
    assert.equal((await ask('/', {}, request)).status, 401);
  });

  it('give a run what is its own, and nothing of another one', async () => {
    const [run, other] = [newRunId(), newRunId()];
    const claims = { run, tenant: 'own', epoch: 2, expires: Date.now() + 60_000, access: undefined };
    const wants = async (
      method: string,
      key: string,
      token = issueToken(SIGNING, claims),
    ): Promise<number> => {
      const body = JSON.stringify({ wants: [{ method, key }] });
      return (await ask('/addresses', { 'x-offload-token': token }, body)).status;
    };
    const hash = 'a'.repeat(64);
    for (const [method, key] of [
      ['PUT', `runs/${run}/2/000001`],
      ['PUT', `runs/${run}/2/lease`],
      ['PUT', `runs/${run}/blobs/${hash}`],
      ['PUT', `runs/${run}/model/${hash}`],
      ['GET', `runs/${run}/2/000001`],
      ['GET', `runs/${run}/inbox`],
      ['GET', `runs/${run}/request.json`],
      ['GET', `blobs/own/${hash}`],
    ] as const)
      assert.equal(await wants(method, key), 200, `${method} ${key}`);
    for (const [method, key] of [
      ['PUT', `runs/${run}/1/000001`],
      ['PUT', `runs/${run}/2/0000010`],
      ['PUT', `runs/${run}/2/../1/000001`],
      ['PUT', `runs/${run}/request.json`],
      ['PUT', `runs/${run}/inbox`],
      ['PUT', `runs/${run}/ledger`],
      ['PUT', `runs/${run}/journal`],
      ['GET', `runs/${run}/ledger`],
      ['GET', `runs/${run}/model/${hash}`],
      ['PUT', `runs/${run}/model/../ledger`],
      ['PUT', `runs/${other}/2/000001`],
      ['GET', `runs/${other}/request.json`],
      ['PUT', `blobs/own/${hash}`],
      ['GET', `blobs/another/${hash}`],
      ['GET', `blobs/own/../another/${hash}`],
      ['GET', `sources/${hash}.zip`],
      ['GET', ''],
    ] as const)
      assert.equal(await wants(method, key), 401, `${method} ${key}`);
    assert.equal(await wants('DELETE', `runs/${run}/2/000001`), 400);
    const over = issueToken(SIGNING, { ...claims, expires: Date.now() - 1 });
    assert.equal(await wants('GET', `runs/${run}/inbox`, over), 401);
  });

  it('take no run that control has not granted', async () => {
    const client = lambdaClient(target().endpoint);
    try {
      const event = { kind: 'run', version: 1 };
      const { bytes } = await streamed(client, target().runner, event, 't');
      assert.match(bytes.toString(), /bad-request.*control grants/);
      await assert.rejects(streamed(client, target().runner, event), /tenant/);
    } finally {
      client.destroy();
    }
  });

  it('take a run to be one of a client that is known', async () => {
    const stranger = { ...target().endpoint.credentials, secretAccessKey: 'wrong' };
    const { deployedSandbox } = await import('../../../src/core/lambda/lambda-sandbox.ts');
    const { endpoint, control, runner } = target();
    const common = { region: endpoint.region, endpoint: endpoint.endpoint, tenant: 't', maxAttempts: 1 };
    const unknown = deployedSandbox({
      ...common,
      controlFunction: control,
      runnerFunction: runner,
      credentials: stranger,
    });
    await assert.rejects(unknown.runs(), { code: 'no-credentials' });
    const gone = deployedSandbox({
      ...common,
      controlFunction: 'gone',
      runnerFunction: runner,
      credentials: endpoint.credentials,
    });
    await assert.rejects(gone.runs(), { code: 'no-backend' });
    for (const each of [unknown, gone]) each.dispose();
  });

  it('find no run that is not there', async () => {
    await assert.rejects(target().sandbox.cancel(newRunId()), { code: 'unknown-run' });
    await assert.rejects(target().sandbox.input(newRunId(), { type: 'interrupt' }), { code: 'unknown-run' });
  });
});
