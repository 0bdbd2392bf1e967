import assert from 'node:assert/strict';
import { AwsClients } from '../../../src/core/aws/clients.ts';
import { assumeForTask } from '../../../src/core/aws/role/assume.ts';
import { roleGrant, type RoleGrant } from '../../../src/core/aws/role/grant.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { credentialsSchema, type SessionCredentials } from '../../../src/protocol/credentials.ts';
import { setEnvironment } from '../../support/aws/deploying.ts';
import { FakeAws } from '../../support/aws/fake-aws.ts';
import { SESSION } from '../../support/aws/sts.ts';

const ROLE = 'arn:aws:iam::123456789012:role/reader';

interface Asked {
  RoleArn: string;
  RoleSessionName: string;
  DurationSeconds: number;
  Policy: string;
}

describe('a session of a role', () => {
  let aws: FakeAws;
  let clients: AwsClients;
  let grant: RoleGrant;
  let restore: () => void;

  beforeEach(async () => {
    aws = await FakeAws.start();
    restore = setEnvironment(aws.env);
    clients = await AwsClients.open();
    grant = await roleGrant(ROLE, 'bucket:my-data/reports', clients.region);
  });
  afterEach(async () => {
    clients.dispose();
    restore();
    await aws.dispose();
  });

  const assume = (seconds = 600, runId = newRunId()): Promise<SessionCredentials> =>
    assumeForTask(clients, grant, { runId, seconds });
  const asked = (): Asked =>
    aws.account.calls.find(({ operation }) => operation === 'sts:AssumeRole')?.input as Asked;

  it('is asked for by the user, by the name of the run, with the policy that was agreed to', async () => {
    const runId = newRunId();
    const before = Date.now();
    const { expires, ...credentials } = await assume(600, runId);
    assert.deepEqual(credentials, { ...SESSION, region: 'eu-west-1' });
    assert(expires > before);
    assert.ok(credentialsSchema.safeParse({ ...credentials, expires }).success);
    const { RoleArn, RoleSessionName, Policy } = asked();
    assert.equal(RoleArn, ROLE);
    assert.equal(RoleSessionName, `offload-${runId}`);
    assert.deepEqual(JSON.parse(Policy), grant.policy);
    assert(!('SourceIdentity' in asked()) && !('Tags' in asked()));
  });

  it('lasts as long as the task and somewhat more, within what AWS gives every role', async () => {
    for (const [seconds, lasts] of [
      [1, 900],
      [1800, 2100],
      [24 * 3600, 3600],
    ] as const) {
      aws.account.calls.length = 0;
      await assume(seconds);
      assert.equal(asked().DurationSeconds, lasts);
    }
  });

  const refusals: [code: string, message: string, is: string, said: RegExp][] = [
    [
      'AccessDenied',
      'User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: x',
      'no-permission',
      /user\/dev take the role .*reader.*"Principal":\{"AWS":"arn:aws:iam::123456789012:user\/dev"\},"Action":"sts:AssumeRole"/s,
    ],
    [
      'AccessDenied',
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
      'no-permission',
      /multi-factor device.*mfa_serial/s,
    ],
    [
      'AccessDenied',
      'User: arn:aws:iam::123456789012:user/mfa is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/MFA-reader',
      'no-permission',
      /take the role .*or there is no such role/s,
    ],
    [
      'AccessDenied',
      'MultiFactorAuthentication failed with invalid MFA one time pass code.',
      'no-credentials',
      /code of the multi-factor device was wrong/,
    ],
    ['AccessDenied', 'Roles may not be assumed by root accounts.', 'no-permission', /root user/],
    ['PackedPolicyTooLarge', 'Packed policy consumes 110% of allotted space', 'bad-setting', /too large/],
    [
      'MalformedPolicyDocument',
      'Syntax errors in policy.',
      'bad-setting',
      /does not take the policy: Syntax/,
    ],
    [
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      'bad-setting',
      /no session as long.*maximum session duration/s,
    ],
    [
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      'bad-setting',
      /an hour at most/,
    ],
    [
      'ExpiredTokenException',
      'The security token included in the request is expired',
      'login-expired',
      /login/,
    ],
  ];
  for (const [code, message, is, said] of refusals) {
    it(`is refused in words: ${message.slice(0, 60)}`, async () => {
      aws.account.fail('sts:AssumeRole', { code, message, status: 400, times: 9 });
      await assert.rejects(assume(), (error: { code: string; message: string; fix: string }) => {
        assert.equal(error.code, is);
        assert.match(`${error.message} ${error.fix}`, said);
        return true;
      });
    });
  }

  it('says for a role of another account that both sides have to agree', async () => {
    grant = await roleGrant(ROLE.replace('123456789012', '210987654321'), 'cost', clients.region);
    aws.account.fail('sts:AssumeRole', { code: 'AccessDenied', message: 'no', status: 403, times: 9 });
    await assert.rejects(assume(), { fix: /yours must allow sts:AssumeRole on the role/ });
  });
});
