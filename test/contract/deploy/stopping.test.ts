import assert from 'node:assert/strict';
import { deploy as deployEvents } from '../../../src/core/deploy/deploy.ts';
import { buildStarted, outcomes, withAccount } from '../../support/aws/deploying.ts';

/** Steps in which a deploy is stopped, each at an operation of that step. */
const STOPS = [
  ['sts:GetCallerIdentity', 1],
  ['cloudformation:DescribeStacks', 1],
  ['cloudformation:CreateChangeSet', 1],
  ['cloudformation:DescribeChangeSet', 1],
  ['cloudformation:ExecuteChangeSet', 1],
  ['cloudformation:DescribeStackEvents', 1],
  ['s3:PutObject', 1],
  ['codebuild:StartBuild', 1],
  ['codebuild:BatchGetBuilds', 3],
  ['logs:GetLogEvents', 2],
  ['cloudformation:ExecuteChangeSet', 2],
  ['cloudformation:DescribeStackEvents', 4],
  ['secretsmanager:PutSecretValue', 1],
  ['lambda:InvokeWithResponseStream', 1],
  ['ecr:DescribeImages', 3],
] as const;

describe('a deploy that is stopped', () => {
  const account = withAccount();

  for (const [operation, nth] of STOPS) {
    it(`at the ${String(nth)}. ${operation} goes on when it is run again`, async () => {
      const { aws, deploy } = account();
      const stop = new AbortController();
      const access = { provider: 'messages', key: 'sk-made-up' } as const;
      const arm = (left: number): void =>
        aws.account.before(operation, () => {
          if (left === 1) stop.abort(new Error('stopped by the user'));
          else arm(left - 1);
        });
      arm(nth);
      await assert.rejects(deploy({}, { access, signal: stop.signal }), /stopped by the user/);
      for (const build of aws.codebuild.builds)
        assert.notEqual(build.status, 'IN_PROGRESS', 'no build goes on');
      assert(stop.signal.aborted);
      const { events, deployment } = await deploy({}, { access });
      assert.equal(outcomes(events)['check'], 'done');
      assert.equal(aws.functions.deployed.size, 2);
      assert.equal(deployment.controlFunction, 'offload-control');
      assert.equal(aws.s3.buckets.size, 1);
      const made = aws.codebuild.builds.filter(({ status }) => status === 'SUCCEEDED');
      assert.equal(made.length, 1, 'the image was built once');
    });
  }

  it('ends when its reader leaves, and stops the build that it began', async () => {
    const { aws, input } = account();
    aws.codebuild.looks = 1_000_000;
    for await (const event of deployEvents(await input())) {
      if (event.type === 'deployed') assert.fail('it went on to its end');
      // Its id is known then: a phase of the build is told.
      if (event.id === 'image' && event.detail === 'submitted') break;
    }
    assert.deepEqual(
      aws.codebuild.builds.map(({ status }) => status),
      ['STOPPED'],
    );
  });

  it('joins a build that goes on for the same backend, and leaves it to whom it belongs', async () => {
    const { aws, deploy, input } = account();
    aws.codebuild.looks = 10;
    const first = deploy();
    await Promise.race([buildStarted(aws), first]);
    const stop = new AbortController();
    const second = (async () => {
      for await (const event of deployEvents(await input({}, { signal: stop.signal }))) {
        if (event.type === 'step' && (event.detail ?? '').includes('joins a build'))
          stop.abort(new Error('stopped'));
      }
    })();
    await assert.rejects(second, /stopped/);
    assert.deepEqual(
      aws.codebuild.builds.map(({ status }) => status),
      ['IN_PROGRESS'],
    );
    await first;
    assert.deepEqual(
      aws.codebuild.builds.map(({ status }) => status),
      ['SUCCEEDED'],
    );
  });

  for (const operation of ['CreateChangeSet', 'ExecuteChangeSet']) {
    it(`looks again where somebody else changes the stack just before ${operation}`, async () => {
      const { aws, deploy } = account();
      await deploy();
      const stack = aws.cloudformation.stack('offload');
      aws.cloudformation.pace = 1;
      aws.account.before(`cloudformation:${operation}`, () => {
        assert(stack?.now);
        stack.update({ ...stack.now, parameters: { ...stack.now.parameters, RunnerMemory: '512' } });
      });
      await deploy({ timeout: 60 });
      assert.equal(stack?.now?.parameters['RunnerMemory'], '512');
      assert.equal(stack.now.parameters['RunnerTimeout'], '60');
    });
  }

  for (const operation of ['CreateChangeSet', 'ExecuteChangeSet']) {
    it(`looks again where somebody else makes the stack just before ${operation}`, async () => {
      const { aws, deploy } = account();
      let other: Promise<unknown> | undefined;
      aws.account.before(`cloudformation:${operation}`, async () => {
        other = deploy();
        await other;
      });
      const { events } = await deploy();
      await other;
      assert.equal(outcomes(events)['check'], 'done');
      assert.equal(aws.cloudformation.stacks.length, 1);
      assert.equal(aws.codebuild.builds.length, 1);
    });
  }

  it('is done twice at once by two people, with one stack, one image and one result', async () => {
    const { aws, deploy } = account();
    aws.cloudformation.pace = 1;
    const [a, b] = await Promise.all([deploy(), deploy()]);
    assert.equal(a.deployment.backendHash, b.deployment.backendHash);
    assert.equal(aws.cloudformation.stacks.length, 1);
    assert.equal([...aws.ecr.repositories.values()][0]?.length, 1);
    assert.equal(aws.functions.deployed.size, 2);
    // Both may begin a build before either sees the other's: the repository takes the image of one.
    const made = aws.codebuild.builds.filter(({ status }) => status === 'SUCCEEDED');
    assert.equal(made.length, 1, 'the image was built once');
  });

  it('waits for an operation that somebody else began', async () => {
    const { aws, deploy } = account();
    await deploy();
    const stack = aws.cloudformation.stack('offload');
    assert(stack?.now);
    aws.cloudformation.pace = 1;
    stack.update({ ...stack.now, parameters: { ...stack.now.parameters, RunnerMemory: '512' } });
    const { events } = await deploy({ timeout: 60 });
    const waiting = events.some(
      (event) => event.type === 'step' && (event.detail ?? '').includes('waits for an operation'),
    );
    assert(waiting);
    assert.equal(stack.now.parameters['RunnerMemory'], '512');
    assert.equal(stack.now.parameters['RunnerTimeout'], '60');
  });
});
