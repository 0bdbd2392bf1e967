import assert from 'node:assert/strict';
import { outcomes, withAccount } from '../../support/aws/deploying.ts';

/** Calls of a first deploy that change something, or that are asked over and over while AWS works on. */
const CALLS = [
  ['cloudformation:CreateChangeSet', 1],
  ['cloudformation:DescribeChangeSet', 1],
  ['cloudformation:ExecuteChangeSet', 1],
  ['cloudformation:DescribeStackEvents', 1],
  ['s3:PutObject', 1],
  ['codebuild:StartBuild', 1],
  ['codebuild:BatchGetBuilds', 2],
  ['cloudformation:CreateChangeSet', 2],
  ['cloudformation:ExecuteChangeSet', 2],
  ['cloudformation:DescribeStackEvents', 3],
  ['secretsmanager:PutSecretValue', 1],
] as const;

/** What never comes: whoever waits for it is as dead as a process that was killed. */
const never = new Promise<void>(() => undefined);

describe('a deploy whose window is closed', () => {
  const account = withAccount();
  const access = { provider: 'messages', key: 'sk-made-up' } as const;

  for (const when of ['before', 'after'] as const) {
    for (const [operation, nth] of CALLS) {
      it(`just ${when} the ${String(nth)}. ${operation} is done by the next one`, async () => {
        const { aws, deploy } = account();
        aws.cloudformation.pace = 1;
        const reached = new Promise<void>((resolve) => {
          const arm = (left: number): void => {
            aws.account[when](operation, () => {
              if (left > 1) {
                arm(left - 1);
                return undefined;
              }
              resolve();
              return never;
            });
          };
          arm(nth);
        });
        const killed = deploy({}, { access });
        killed.catch(() => undefined);
        await Promise.race([reached, killed.then(() => assert.fail('it was not reached'))]);
        const { events, deployment } = await deploy({}, { access });
        assert.equal(outcomes(events)['check'], 'done');
        assert.equal(deployment.controlFunction, 'offload-control');
        assert.equal(aws.cloudformation.stacks.length, 1);
        assert.equal(aws.s3.buckets.size, 1);
        assert.equal(aws.functions.deployed.size, 2);
        assert.deepEqual(
          aws.codebuild.builds.map(({ status }) => status),
          ['SUCCEEDED'],
          'the image was built once',
        );
        assert.match([...aws.secrets.texts.values()].join(), /sk-made-up/);
      });
    }
  }
});
