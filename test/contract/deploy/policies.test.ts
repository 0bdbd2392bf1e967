import assert from 'node:assert/strict';
import { findDrift } from '../../../src/core/deploy/drift.ts';
import { backendLogs } from '../../../src/core/deploy/logs.ts';
import type { BackendSource } from '../../../src/core/deploy/source.ts';
import { backendStatus } from '../../../src/core/deploy/status.ts';
import { AT_ONCE, withAccount, type Deploying } from '../../support/aws/deploying.ts';
import { grantsOf, pairsOf, type Policy } from '../../support/aws/policy.ts';
import { policyFile } from '../../support/aws/policy-file.ts';

/** What of a policy's pairs of statement and action, and of statement and resource, was needed. */
function needed(policy: Policy, { aws }: Deploying): string[] {
  const pairs = aws.account.uses.flatMap((use) =>
    grantsOf(policy, use).flatMap((grant) => {
      const [, sid, action, resource] = /^(\w+): (\S+) on (.*)$/.exec(grant) ?? [];
      return [`${String(sid)}: ${String(action)}`, `${String(sid)} on ${String(resource)}`];
    }),
  );
  return [...new Set(pairs)].sort();
}

/** The next version of the template: something of every resource that can be changed in place is changed. */
const changed = (source: BackendSource): BackendSource => {
  const edits = [
    ['OffloadTemplateVersion: 1', 'OffloadTemplateVersion: 2'],
    ["TemplateVersion: { Value: '1' }", "TemplateVersion: { Value: '2' }"],
    ['"countNumber": 20', '"countNumber": 21'],
    ["Version: '2012-10-17'", "Version: '2008-10-17'"],
    ['DaysAfterInitiation: 1', 'DaysAfterInitiation: 2'],
    ['Default: 14', 'Default: 30'],
    ['PasswordLength: 64', 'PasswordLength: 63'],
    ['QueuedTimeoutInMinutes: 15', 'QueuedTimeoutInMinutes: 20'],
  ] as const;
  let { template } = source;
  for (const [from, to] of edits) {
    assert(template.includes(from), from);
    template = template.replaceAll(from, to);
  }
  return { ...source, template, templateVersion: 2, hash: 'f'.repeat(64) };
};

async function age({ aws }: Deploying): Promise<void> {
  const time = new Date(Date.now() - 2 * 3600_000);
  for (const { objects } of aws.s3.buckets.values())
    for (const object of objects.values()) object.time = time;
  for (const images of aws.ecr.repositories.values()) for (const image of images) image.time = time;
  await Promise.resolve();
}

async function linesOf({ clients }: Deploying): Promise<number> {
  let lines = 0;
  const signal = new AbortController().signal;
  const input = {
    aws: clients,
    stack: 'offload',
    logs: ['control', 'build'],
    since: 0,
    follow: false,
    signal,
  } as const;
  for await (const line of backendLogs(input)) lines += line.text.length > 0 ? 1 : 0;
  return lines;
}

describe('the policies that are documented', () => {
  const account = withAccount();

  it('allow a deployer all of a life of a backend, and nothing more', async () => {
    const policy = policyFile('deploy');
    const there = account();
    const { aws, deploy, destroy, source, clients } = there;
    aws.account.policy = policy;
    const access = { provider: 'messages', key: 'sk-made-up' } as const;
    await deploy({ subnets: ['subnet-0a1b'], securityGroups: ['sg-0a1b'] }, { access });
    aws.cloudformation.refusals = [{ LogicalResourceId: 'Runner', ValidationStatusReason: 'no' }];
    await assert.rejects(deploy({ memory: 512 }), { message: /: Runner .*: no\.$/ });
    aws.cloudformation.refusals = [];
    for (const [operation, options] of [
      ['codebuild:StartBuild', {}],
      ['cloudformation:DescribeChangeSet', { memory: 512 }],
    ] as const) {
      const stop = new AbortController();
      aws.account.before(operation, () => stop.abort());
      const other = Object.keys(options).length === 0 ? await source('second') : await source();
      await assert.rejects(deploy(options, { source: other, signal: stop.signal }));
      assert(stop.signal.aborted);
    }
    await age(there);
    await deploy({ expireDays: 7, logDays: 3 }, { source: changed(await source('third')) });
    assert.equal(
      (await backendStatus({ aws: clients, stack: 'offload', source: await source() })).version,
      'newer',
    );
    assert((await linesOf(there)) > 0);
    assert.deepEqual((await findDrift({ aws: clients, stack: 'offload', pace: AT_ONCE })).drifts, []);
    await destroy();
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    assert.deepEqual(needed(policy, there), pairsOf(policy).sort());
  });

  it('allow a user to look and to run, and nothing more', async () => {
    const policy = policyFile('use');
    const there = account();
    const { aws, deploy, clients, source } = there;
    await deploy();
    aws.account.policy = policy;
    aws.account.uses.length = 0;
    await backendStatus({ aws: clients, stack: 'offload', source: await source() });
    await linesOf(there);
    const { InvokeWithResponseStreamCommand } = await import('@aws-sdk/client-lambda');
    const lambda = await clients.lambda();
    for (const FunctionName of ['offload-control', 'offload-runner']) {
      await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload: '{}' }));
    }
    assert.deepEqual(needed(policy, there), pairsOf(policy).sort());
    await assert.rejects(deploy({ memory: 512 }, { pace: AT_ONCE }), { code: 'no-permission' });
  });

  it('name no action by a pattern, and every resource where AWS can tell them apart', () => {
    for (const name of ['deploy', 'use'] as const) {
      for (const { Sid, Action, Resource } of policyFile(name).Statement) {
        for (const action of [Action].flat()) assert.doesNotMatch(action, /\*/, Sid);
        // These calls take no resource (Service Authorization Reference).
        if (['MakeSigningKey', 'FindLogs', 'StackDrift', 'NetworkOfRuns'].includes(Sid)) continue;
        for (const resource of [Resource].flat()) assert.match(resource, /offload/, Sid);
      }
    }
  });
});
