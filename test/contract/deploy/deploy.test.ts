import assert from 'node:assert/strict';
import { readDeployments } from '../../../src/core/deploy/deployment.ts';
import { planDeploy } from '../../../src/core/deploy/plan.ts';
import { parseBackendOptions } from '../../../src/core/deploy/options.ts';
import { outcomes, withAccount } from '../../support/aws/deploying.ts';

/** Operations that write. */
const WRITES = /:(Create|Execute|Delete|Put|Start|Stop|Batch(Delete)|Update)/;

describe('deploying', () => {
  const account = withAccount();

  it('makes everything in an account that has nothing', async () => {
    const { aws, deploy, state, source } = account();
    const { events, deployment } = await deploy({ memory: 4096, timeout: 600 });
    assert.deepEqual(outcomes(events), {
      credentials: 'done',
      stack: 'done',
      base: 'done',
      source: 'done',
      image: 'done',
      functions: 'done',
      key: 'skipped',
      check: 'done',
      tidy: 'skipped',
    });
    const { hash } = await source();
    const stack = aws.cloudformation.stack('offload');
    assert.equal(stack?.status, 'UPDATE_COMPLETE');
    assert.equal(stack.now?.parameters['RunnerMemory'], '4096');
    assert.equal(stack.now.parameters['RunnerTimeout'], '600');
    assert.deepEqual([...aws.functions.deployed.keys()].sort(), ['offload-control', 'offload-runner']);
    const runner = aws.functions.deployed.get('offload-runner');
    assert.equal(runner?.environment['OFFLOAD_BUILD'], hash);
    assert.match(
      runner.image,
      /^123456789012\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/offload-repository-.*@sha256:[0-9a-f]{64}$/,
    );
    assert.deepEqual(await readDeployments(state), [deployment]);
    assert.equal(deployment.controlFunction, 'offload-control');
    assert.equal(deployment.backendHash, hash);
    assert.equal(deployment.account, '123456789012');
  });

  it('tells the steps beforehand, the log of the build, and how far it is', async () => {
    const { events } = await account().deploy();
    const [first] = events;
    assert(first?.type === 'step');
    assert.deepEqual([first.id, first.state], ['credentials', 'waiting']);
    const image = events.flatMap((event) => (event.type === 'step' && event.id === 'image' ? [event] : []));
    assert(image.some(({ log }) => log?.includes('#5 [system 2/5] RUN apt-get update')));
    const progress = image.flatMap((event) => event.progress ?? []);
    assert.deepEqual(
      [...progress].sort((a, b) => a - b),
      progress,
    );
    assert.equal(progress.at(-1), 1);
    const base = events.flatMap((event) =>
      event.type === 'step' && event.id === 'base' ? (event.log ?? []) : [],
    );
    assert(base.includes('Add Bucket') && base.includes('Bucket CREATE_COMPLETE'));
  });

  it('writes nothing when the same is deployed again', async () => {
    const { aws, deploy } = account();
    await deploy();
    aws.account.calls.length = 0;
    const { events } = await deploy();
    assert.deepEqual(outcomes(events), {
      credentials: 'done',
      stack: 'done',
      base: 'skipped',
      source: 'skipped',
      image: 'skipped',
      functions: 'skipped',
      key: 'skipped',
      check: 'done',
      tidy: 'skipped',
    });
    assert.deepEqual(
      aws.account.operations.filter((name) => WRITES.test(name)),
      [],
    );
  });

  it('brings another version: one build, one change, and the functions of before until then', async () => {
    const { aws, deploy, source } = account();
    await deploy({ memory: 1024 });
    const before = aws.functions.deployed.get('offload-control')?.image;
    aws.account.calls.length = 0;
    let during: string | undefined;
    aws.account.before('codebuild:BatchGetBuilds', () => {
      during = aws.functions.deployed.get('offload-control')?.image;
    });
    const other = await source('second');
    const { events } = await deploy({}, { source: other });
    assert.equal(outcomes(events)['base'], 'skipped');
    assert.equal(during, before);
    assert.notEqual(aws.functions.deployed.get('offload-control')?.image, before);
    assert.equal(
      aws.account.operations.filter((name) => name === 'cloudformation:ExecuteChangeSet').length,
      1,
    );
    const parameters = aws.cloudformation.stack('offload')?.now?.parameters;
    assert.equal(parameters?.['RunnerMemory'], '1024', 'what was not named stays');
    assert.equal(parameters['BackendHash'], other.hash);
  });

  it('changes an option without a build', async () => {
    const { aws, deploy } = account();
    await deploy();
    aws.account.calls.length = 0;
    const { events } = await deploy({ memory: 8192 });
    assert.equal(outcomes(events)['functions'], 'done');
    assert.equal(aws.account.operations.includes('codebuild:StartBuild'), false);
    assert.equal(aws.cloudformation.stack('offload')?.now?.parameters['RunnerMemory'], '8192');
  });

  it('builds for another architecture', async () => {
    const { aws, deploy } = account();
    await deploy();
    await deploy({ architecture: 'x86_64' });
    assert.equal(aws.codebuild.builds.length, 2);
    assert.match(aws.codebuild.builds[1]?.tag ?? '', /-x86_64$/);
    assert.equal(aws.cloudformation.stack('offload')?.now?.parameters['Architecture'], 'x86_64');
  });

  it('removes what is left of before, but nothing that is young', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    await deploy({}, { source: await source('second') });
    const [bucket] = [...aws.s3.buckets.values()];
    const [images] = [...aws.ecr.repositories.values()];
    assert.equal(bucket?.objects.size, 2);
    for (const object of bucket.objects.values()) object.time = new Date(Date.now() - 2 * 3600_000);
    for (const image of images ?? []) image.time = new Date(Date.now() - 2 * 3600_000);
    const { hash } = await source('third');
    const { events } = await deploy({}, { source: await source('third') });
    assert.equal(outcomes(events)['tidy'], 'done');
    assert.deepEqual([...bucket.objects.keys()], [`sources/${hash}.zip`]);
    assert.equal([...aws.ecr.repositories.values()][0]?.length, 1);
  });

  it('stores how the model is reached once, and keeps the key that tokens are signed with', async () => {
    const { aws, deploy } = account();
    const access = { provider: 'messages', key: 'sk-made-up' } as const;
    await deploy({}, { access });
    const text = (): unknown => JSON.parse([...aws.secrets.texts.values()][0] ?? '');
    assert.deepEqual(text(), { signing: 'k'.repeat(64), ANTHROPIC_API_KEY: 'sk-made-up' });
    aws.account.calls.length = 0;
    const { events } = await deploy({}, { access });
    assert.equal(outcomes(events)['key'], 'skipped');
    assert.equal(aws.account.operations.includes('secretsmanager:PutSecretValue'), false);
    await deploy({}, { access: { provider: 'bedrock', region: 'eu-west-1' } });
    assert.deepEqual(text(), { signing: 'k'.repeat(64), provider: 'bedrock', region: 'eu-west-1' });
  });

  it('says beforehand what it would do and what it costs, and writes nothing for that', async () => {
    const { aws, clients, deploy, source } = account();
    const plan = async (options = {}, text = 'first') =>
      planDeploy({ aws: clients, source: await source(text), options: parseBackendOptions(options) });
    const fresh = await plan();
    assert.equal(fresh.account, '123456789012');
    assert.equal(fresh.region, 'eu-west-1');
    assert.match(fresh.changes.join('\n'), /make a bucket.*make two Lambda functions/s);
    assert.match(
      fresh.cost,
      /^About \$0\.45 a month while nothing runs .* about \$0\.12 for an hour of a run with 2048 MB/,
    );
    assert.deepEqual(
      aws.account.operations.filter((name) => WRITES.test(name)),
      [],
    );
    await deploy();
    assert.deepEqual((await plan()).changes, []);
    assert.equal((await plan()).upToDate, true);
    assert.deepEqual((await plan({ memory: 1024 })).changes, ['set RunnerMemory to 1024']);
    assert.deepEqual((await plan({}, 'other')).changes, [
      'upload the backend and build its image',
      'set the functions to that image',
    ]);
  });

  it('refuses another account than the one that was agreed to', async () => {
    const { aws, deploy } = account();
    await assert.rejects(deploy({}, { account: '999999999999' }), { code: 'unauthorized' });
    assert.deepEqual(aws.account.operations, ['sts:GetCallerIdentity']);
  });
});
