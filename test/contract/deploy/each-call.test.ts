import assert from 'node:assert/strict';
import { OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';
import { outcomes, withAccount } from '../../support/aws/deploying.ts';
import type { Fault } from '../../support/aws/account.ts';

/** The calls of a first deploy with a key, in the order in which each comes first. */
const CALLS = [
  'sts:GetCallerIdentity',
  'cloudformation:DescribeStacks',
  'cloudformation:CreateChangeSet',
  'cloudformation:DescribeChangeSet',
  'cloudformation:ExecuteChangeSet',
  'cloudformation:DescribeStackEvents',
  'ecr:DescribeImages',
  's3:HeadObject',
  's3:PutObject',
  'codebuild:ListBuildsForProject',
  'codebuild:StartBuild',
  'codebuild:BatchGetBuilds',
  'secretsmanager:GetSecretValue',
  'secretsmanager:PutSecretValue',
  'lambda:InvokeWithResponseStream',
];

/** Those that a deploy does without. */
const TOLERATED = ['logs:GetLogEvents', 's3:ListObjectsV2'];

/** What AWS answers any call with, and what that is to us. */
const FAULTS: [what: string, fault: (call: string) => Fault, code: ErrorCode][] = [
  [
    'a missing permission',
    (call) => ({
      code: call.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException',
      message: `User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ${call} on resource: arn:x`,
      status: 403,
    }),
    'no-permission',
  ],
  [
    'a login that ran out',
    () => ({
      code: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    }),
    'login-expired',
  ],
  [
    'a service that is down',
    () => ({ code: 'InternalFailure', message: 'We encountered an internal error', status: 500, times: 99 }),
    'deploy-failed',
  ],
];

describe('a deploy of which a call fails by', () => {
  const account = withAccount();
  const access = { provider: 'messages', key: 'sk-made-up' } as const;

  it('any of its calls, all of which are tried here', async () => {
    const { aws, deploy } = account();
    await deploy({}, { access });
    assert.deepEqual([...new Set(aws.account.operations)].sort(), [...CALLS, ...TOLERATED].sort());
  });

  for (const [what, fault, code] of FAULTS) {
    for (const call of CALLS) {
      it(`${what}, at ${call}, says so and goes on when it is run again`, async () => {
        const { aws, deploy } = account();
        process.env['AWS_MAX_ATTEMPTS'] = '1';
        aws.account.fail(call, fault(call));
        let thrown: unknown;
        await deploy({}, { access }).catch((error: unknown) => (thrown = error));
        assert(thrown instanceof OffloadError, String(thrown));
        // The answer to a HEAD has no body, so that nothing tells an expired token from another bad request.
        const expected = call === 's3:HeadObject' && code === 'login-expired' ? 'deploy-failed' : code;
        assert.equal(thrown.code, expected, thrown.message);
        if (code === 'no-permission' && call !== 's3:HeadObject')
          assert(thrown.message.includes(call), thrown.message);
        aws.account.heal();
        const { events } = await deploy({}, { access, removeDead: true });
        assert.equal(outcomes(events)['check'], 'done');
        assert.equal(aws.s3.buckets.size, 1);
        assert.equal(aws.functions.deployed.size, 2);
      });
    }
  }

  it('a log that may not be read, which it says and does without', async () => {
    const { aws, deploy } = account();
    aws.account.fail('logs:GetLogEvents', {
      code: 'AccessDeniedException',
      message: 'no',
      status: 400,
      times: 99,
    });
    const { events } = await deploy();
    const lines = events.flatMap((event) => (event.type === 'step' ? (event.log ?? []) : []));
    assert.equal(lines.filter((line) => line.includes('The log of the build cannot be read')).length, 1);
  });
});
