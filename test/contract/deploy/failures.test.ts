import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { readDeployments } from '../../../src/core/deploy/deployment.ts';
import { AT_ONCE, failing, outcomes, withAccount } from '../../support/aws/deploying.ts';

describe('a deploy that fails', () => {
  const account = withAccount();

  it('names the action and the resource of a missing permission, and goes on once it is given', async () => {
    const { aws, deploy } = account();
    aws.account.policy = {
      Version: '2012-10-17',
      Statement: [{ Sid: 'Most', Effect: 'Allow', Action: '*', Resource: ['*'] }],
    };
    aws.account.fail('codebuild:StartBuild', {
      code: 'AccessDeniedException',
      status: 400,
      message:
        'User: arn:aws:iam::123456789012:user/dev is not authorized to perform: codebuild:StartBuild on resource: arn:aws:codebuild:eu-west-1:123456789012:project/offload-build because no identity-based policy allows the codebuild:StartBuild action',
    });
    const error = await failing(deploy(), 'no-permission');
    assert.equal(
      error.message,
      'These AWS credentials may not do codebuild:StartBuild on arn:aws:codebuild:eu-west-1:123456789012:project/offload-build.',
    );
    assert.match(error.fix ?? '', /offload policy deploy/);
    const { events } = await deploy();
    assert.equal(outcomes(events)['base'], 'skipped');
    assert.equal(outcomes(events)['source'], 'skipped');
  });

  it('names a permission that CloudFormation lacked on its behalf, and leaves no stack behind', async () => {
    const { aws, deploy } = account();
    aws.account.policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Some',
          Effect: 'Allow',
          Action: ['cloudformation:*', 's3:*', 'ecr:*', 'logs:*'],
          Resource: '*',
        },
      ],
    };
    const error = await failing(deploy(), 'no-permission');
    assert.match(
      error.message,
      /^BuildRole \(AWS::IAM::Role\) could not be made: these AWS credentials may not do iam:CreateRole on arn:aws:iam::123456789012:role\/offload-/,
    );
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    assert.equal(aws.s3.buckets.size, 0);
    aws.account.policy = undefined;
    await deploy();
  });

  it('says what to do where the account may run no builds', async () => {
    const { aws, deploy } = account();
    aws.account.fail('codebuild:StartBuild', {
      code: 'AccountLimitExceededException',
      message: 'Cannot have more than 0 builds in queue for the account',
    });
    const error = await failing(deploy(), 'quota-reached');
    assert.match(error.message, /Cannot have more than 0 builds/);
    assert.match(error.fix ?? '', /Service Quotas/);
  });

  it('says in which phase the build failed and how its log ends', async () => {
    const { aws, deploy } = account();
    aws.codebuild.failsIn = 'BUILD';
    aws.codebuild.script.set('BUILD', 'E: Unable to locate package python3-numpyy');
    const error = await failing(deploy(), 'deploy-failed');
    assert.match(error.message, /failed in the phase BUILD: Error while executing command/);
    assert.match(error.message, /Its log ends with: E: Unable to locate package python3-numpyy/);
    aws.codebuild.failsIn = undefined;
    const { events } = await deploy();
    assert.equal(outcomes(events)['image'], 'done');
  });

  it('names the first resource that could not be made, and removes the rest', async () => {
    const { aws, deploy, state } = account();
    aws.account.fail('resource:Repository', {
      code: 'x',
      message: 'The maximum number of repositories was reached',
    });
    const error = await failing(deploy(), 'quota-reached');
    assert.equal(
      error.message,
      'Repository (AWS::ECR::Repository) could not be made: The maximum number of repositories was reached.',
    );
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    assert.deepEqual(await readDeployments(state), []);
    const { deployment } = await deploy();
    assert.deepEqual(await readDeployments(state), [deployment]);
  });

  for (const [message, code, fix] of [
    [
      'Resource handler returned message: "\'MemorySize\' value failed to satisfy constraint: Member must have value less than or equal to 3008"',
      'quota-reached',
      /Service Quotas.*--memory/,
    ],
    ['You have attempted to create more buckets than allowed', 'quota-reached', /Service Quotas/],
    ['Rate exceeded (Service: Lambda, Status Code: 429)', 'busy', /try again/],
    ['offload-control already exists in stack arn:x', 'deploy-failed', /in the way/],
    ['Exceeded attempts to wait', 'deploy-failed', /CloudFormation console/],
  ] as const) {
    it(`says what to do where a resource cannot be made: ${message.slice(0, 40)}`, async () => {
      const { aws, deploy } = account();
      aws.account.fail('resource:Bucket', { code: 'x', message });
      assert.match((await failing(deploy(), code)).fix ?? '', fix);
    });
  }

  it('gives the reason of the stack where no resource has one', async () => {
    const { aws, deploy } = account();
    aws.account.before('cloudformation:DescribeStackEvents', () => {
      const stack = aws.cloudformation.stack('offload');
      assert(stack);
      stack.remove();
      while (stack.busy) stack.look(99);
      stack.status = 'ROLLBACK_COMPLETE';
      stack.reason = 'The stack was in this state for too long';
      stack.events.splice(0);
    });
    const { message } = await failing(deploy(), 'deploy-failed');
    assert.equal(
      message,
      'CloudFormation could not bring the stack offload to its end: The stack was in this state for too long.',
    );
  });

  it('names what CloudFormation refuses of a change before it begins', async () => {
    const { aws, deploy } = account();
    aws.cloudformation.refusals = [
      {
        LogicalResourceId: 'ControlLogs',
        ResourceType: 'AWS::Logs::LogGroup',
        ValidationName: 'AWS::EarlyValidation::ResourceExistenceCheck',
        ValidationStatusReason:
          "Resource of type 'AWS::Logs::LogGroup' with identifier '/offload/offload/control' already exists.",
      },
    ];
    const error = await failing(deploy(), 'deploy-failed');
    assert.match(
      error.message,
      /^CloudFormation cannot make the change: ControlLogs \(AWS::Logs::LogGroup\): .*already exists\.$/,
    );
    assert.match(error.fix ?? '', /in the way.*--stack/);
    aws.account.fail('cloudformation:DescribeEvents', { code: 'AccessDenied', message: 'no', status: 403 });
    assert.match(
      (await failing(deploy(), 'deploy-failed')).message,
      /EarlyValidation::ResourceExistenceCheck/,
    );
    aws.cloudformation.refusals = [];
    await deploy();
  });

  it('follows what goes on in AWS when it does not answer for a while', async () => {
    const { aws, deploy } = account();
    for (const call of [
      'cloudformation:DescribeChangeSet',
      'cloudformation:DescribeStackEvents',
      'codebuild:BatchGetBuilds',
    ])
      aws.account.fail(call, { code: 'Throttling', message: 'Rate exceeded', times: 4 });
    // The SDK itself tries three times.
    const { events } = await deploy();
    assert.equal(outcomes(events)['check'], 'done');
    const waiting = events.flatMap((event) =>
      event.type === 'step' && event.detail?.includes('asks again') === true ? [event.state] : [],
    );
    assert(waiting.includes('running'));
    assert(!waiting.includes('done'), 'it is over by then');
    assert.equal(aws.codebuild.builds.length, 1);
  });

  it('does not wait for an answer for ever', async () => {
    const { aws, deploy } = account();
    aws.account.fail('cloudformation:DescribeStackEvents', {
      code: 'Throttling',
      message: 'Rate exceeded',
      times: 999,
    });
    await failing(deploy({}, { pace: { ...AT_ONCE, patience: 1 } }), 'busy');
  });

  it('goes on reading the log of the build when that was refused for a while', async () => {
    const { aws, deploy } = account();
    aws.codebuild.looks = 4;
    aws.account.fail('logs:GetLogEvents', {
      code: 'ThrottlingException',
      message: 'Rate exceeded',
      times: 4,
    });
    const { events } = await deploy();
    const lines = events.flatMap((event) => (event.type === 'step' ? (event.log ?? []) : []));
    assert(lines.some((line) => line.includes('apt-get update')));
  });

  it('names what went wrong first, not what could not be cleaned up after it', async () => {
    const { aws, deploy } = account();
    aws.account.fail('resource:BuildProject', { code: 'x', message: 'No such machine' });
    aws.account.fail('remove:Bucket', { code: 'x', message: 'The bucket is stuck' });
    const error = await failing(deploy(), 'deploy-failed');
    assert.match(
      error.message,
      /^BuildProject \(AWS::CodeBuild::Project\) could not be made: No such machine/,
    );
    assert.equal(aws.cloudformation.stack('offload')?.status, 'DELETE_FAILED');
    await deploy({}, { removeDead: true });
    assert.equal(aws.s3.buckets.size, 1);
  });

  it('leaves the functions of before where a change cannot be made', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    const before = aws.functions.deployed.get('offload-runner')?.image;
    aws.account.fail('resource:Runner', { code: 'x', message: 'The image manifest is not supported' });
    const error = await failing(deploy({}, { source: await source('second') }), 'deploy-failed');
    assert.match(error.message, /^Runner \(AWS::Lambda::Function\) could not be changed: The image manifest/);
    assert.equal(aws.cloudformation.stack('offload')?.status, 'UPDATE_ROLLBACK_COMPLETE');
    assert.equal(aws.functions.deployed.get('offload-runner')?.image, before);
    await deploy({}, { source: await source('second') });
    assert.notEqual(aws.functions.deployed.get('offload-runner')?.image, before);
  });

  it('says it where what was deployed cannot be noted, and goes on once it can', async () => {
    const { deploy, state } = account();
    writeFileSync(state, 'no folder');
    const error = await failing(deploy(), 'deploy-failed');
    assert.match(error.message, /cannot be noted on this machine: E/);
    assert.match(error.fix ?? '', /can be written to, and try again/);
    rmSync(state);
    assert.equal(outcomes((await deploy()).events)['functions'], 'skipped');
  });

  it('stands a call that is throttled, and says it when all are', async () => {
    const { aws, deploy } = account();
    const throttling = { code: 'Throttling', message: 'Rate exceeded' };
    aws.account.fail('cloudformation:DescribeStacks', { ...throttling, times: 1 });
    await deploy();
    aws.account.fail('cloudformation:DescribeStacks', { ...throttling, times: 99 });
    await failing(deploy(), 'busy');
  });

  for (const [call, code] of [
    ['s3:PutObject', 'RequestTimeTooSkewed'],
    ['sts:GetCallerIdentity', 'RequestTimeTooSkewed'],
  ] as const) {
    it(`says that the clock is wrong where ${call} is refused for it again and again`, async () => {
      const { aws, deploy } = account();
      const message = 'The difference between the request time and the current time is too large.';
      aws.account.fail(call, { code, message, status: 403, times: 99 });
      const error = await failing(deploy(), 'unauthorized');
      assert.match(error.message, /clock is wrong/);
      aws.account.heal();
      await deploy();
    });
  }

  it('says it when the control function does not answer', async () => {
    const { aws, deploy } = account();
    aws.functions.answer = () => '';
    await failing(deploy(), 'deploy-failed');
    aws.functions.answer = () =>
      JSON.stringify({ type: 'error', error: { code: 'no-backend', message: 'The store is not there.' } }) +
      '\n';
    const error = await failing(deploy(), 'no-backend');
    assert.match(error.message, /The store is not there/);
  });

  it('waits for a function that is not ready yet', async () => {
    const { aws, deploy } = account();
    aws.account.fail('lambda:InvokeWithResponseStream', {
      code: 'ResourceConflictException',
      status: 409,
      message:
        'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      times: 3,
    });
    const { events } = await deploy();
    assert.equal(outcomes(events)['check'], 'done');
  });

  it('refuses a bucket that belongs to somebody else', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    const [bucket] = [...aws.s3.buckets.values()];
    assert(bucket);
    bucket.owner = '999999999999';
    bucket.open = true;
    const error = await failing(deploy({}, { source: await source('second') }), 'no-permission');
    assert.match(error.fix ?? '', /belongs to another account/);
    assert.equal(bucket.objects.size, 1, 'nothing was sent there');
  });
});

describe('a deploy on a machine whose clock is wrong', () => {
  const account = withAccount({ clockAhead: 20 * 60_000 });

  it('goes through: the SDK takes the time of AWS', async () => {
    await account().deploy();
  });
});
