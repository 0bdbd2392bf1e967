import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  evaluate,
  parseTemplate,
  type Scope,
  type Template,
} from '../../support/aws/cloudformation/template.ts';

const text = readFileSync(fileURLToPath(new URL('../../../backend/template.yaml', import.meta.url)), 'utf8');
const template: Template = parseTemplate(text);

type Json = Record<string, unknown>;

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
}

/** The statements that the policies of a role have, those beside it too. */
const statementsOf = (role: string): Statement[] => {
  const documents = (template.Resources[role]?.Properties['Policies'] ?? []) as {
    PolicyDocument: { Statement: Statement[] };
  }[];
  const beside = Object.values(template.Resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['Roles']).includes(`"${role}"`),
    )
    .map(({ Properties }) => Properties as unknown as { PolicyDocument: { Statement: Statement[] } });
  return [...documents, ...beside].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
};

const scope = (parameters: Record<string, string | string[]>): Scope => ({
  parameters: {
    ...parameters,
    'AWS::Partition': 'aws',
    'AWS::Region': 'eu-west-1',
    'AWS::AccountId': '123456789012',
    'AWS::StackName': 'offload',
    'AWS::StackId': 'a/b/c',
  },
  conditions: template.Conditions,
  id: (name) => `id-of-${name}`,
  attribute: (name, attribute) => `${attribute}-of-${name}`,
});

describe('the rights that the template gives', () => {
  const roles = Object.entries(template.Resources).flatMap(([id, { Type }]) =>
    Type === 'AWS::IAM::Role' ? [id] : [],
  );

  it('are those of three roles, each for one service', () => {
    assert.deepEqual(roles.sort(), ['BuildRole', 'ControlRole', 'RunnerRole']);
    for (const role of roles) {
      const { AssumeRolePolicyDocument: trust } = template.Resources[role]?.Properties as {
        AssumeRolePolicyDocument: { Statement: Statement[] };
      };
      assert.equal(trust.Statement.length, 1);
      const service = role === 'BuildRole' ? 'codebuild.amazonaws.com' : 'lambda.amazonaws.com';
      assert.deepEqual(trust.Statement[0]?.Principal, { Service: service });
      assert.equal(template.Resources[role]?.Properties['ManagedPolicyArns'], undefined);
    }
  });

  it('name no action by a pattern, and no resource but where AWS takes none', () => {
    const open = roles.flatMap((role) =>
      statementsOf(role).flatMap(({ Sid, Effect, Action, Resource }) => {
        if (Effect !== 'Allow') return [];
        for (const action of [Action].flat()) assert.doesNotMatch(action, /\*/, `${role}.${Sid}`);
        const resources = [evaluate(Resource, scope({}))].flat() as string[];
        return resources.includes('*') ? [`${role}.${Sid}`] : [];
      }),
    );
    // ecr:GetAuthorizationToken and the calls that make network interfaces take no resource.
    assert.deepEqual(open.sort(), ['BuildRole.LogIn', 'RunnerRole.Interfaces']);
    assert.deepEqual(statementsOf('BuildRole').find(({ Sid }) => Sid === 'LogIn')?.Action, [
      'ecr:GetAuthorizationToken',
    ]);
  });

  it('let the runner write its own log and nothing else, and code in it use no network interface', () => {
    const [log, ...network] = statementsOf('RunnerRole');
    assert.deepEqual(log?.Action, ['logs:CreateLogStream', 'logs:PutLogEvents']);
    assert.deepEqual(log.Resource, { 'Fn::GetAtt': ['RunnerLogs', 'Arn'] });
    assert.equal(template.Resources['RunnerNetwork']?.Condition, 'HasVpc');
    const denied = network.find(({ Effect }) => Effect === 'Deny');
    assert.deepEqual([denied?.Action, denied?.Resource], ['ec2:*', '*']);
    assert.deepEqual(
      network.map(({ Sid }) => Sid),
      ['Interfaces', 'NotFromCode'],
    );
  });

  it('let control reach its own store, secret, log, address model and runner, and no other role or run anything', () => {
    const invoking = statementsOf('ControlRole').find(({ Sid }) => Sid === 'ContinueRuns');
    assert.deepEqual(invoking?.Action, ['lambda:InvokeFunction']);
    assert.match(String(evaluate(invoking.Resource, scope({}))), /:function:[^:*]+-runner$/);
    const others = statementsOf('ControlRole').filter(({ Sid }) => Sid !== 'ContinueRuns');
    const actions = others.flatMap(({ Action }) => [Action].flat());
    for (const action of actions)
      assert.doesNotMatch(
        action,
        /^(iam|sts|ecr|codebuild|cloudformation|lambda:(Invoke|Update|Create|Add))/,
      );
    const going = statementsOf('ControlRole').filter(({ Action }) =>
      [Action].flat().includes('lambda:InvokeFunction'),
    );
    assert.deepEqual(
      going.map(({ Resource }) => evaluate(Resource, scope({}))),
      ['arn:aws:lambda:eu-west-1:123456789012:function:offload-runner'],
      'it invokes the runner alone',
    );
    const store = statementsOf('ControlRole').filter(({ Sid }) => Sid === 'Store');
    const resources = evaluate(store[0]?.Resource, scope({})) as string[];
    assert.deepEqual(
      resources,
      ['Arn-of-Bucket/runs/*', 'Arn-of-Bucket/blobs/*'],
      'it cannot change what is built',
    );
  });

  it('keep the secret from the runner, and what the runner is told free of secrets', () => {
    const { Environment } = template.Resources['Runner']?.Properties as { Environment: { Variables: Json } };
    assert.deepEqual(Object.keys(Environment.Variables), ['OFFLOAD_BUILD']);
    const runner = JSON.stringify([template.Resources['Runner'], ...statementsOf('RunnerRole')]);
    assert.doesNotMatch(runner, /"Secret"|"Bucket"/);
  });

  it('keep the bucket private, encrypted and by TLS alone', () => {
    const bucket = template.Resources['Bucket']?.Properties;
    const blocks = bucket?.['PublicAccessBlockConfiguration'] as Json;
    assert.deepEqual(Object.values(blocks), [true, true, true, true]);
    assert.match(JSON.stringify(bucket?.['BucketEncryption']), /AES256/);
    assert.match(
      JSON.stringify(template.Resources['BucketPolicy']),
      /"Effect":"Deny".*"aws:SecureTransport":"false"/,
    );
  });

  it('keep runs of one workspace from another, and functions out until there is an image', () => {
    const runner = template.Resources['Runner'];
    assert.deepEqual(runner?.Properties['TenancyConfig'], { TenantIsolationMode: 'PER_TENANT' });
    for (const [id, { Type, Condition }] of Object.entries(template.Resources)) {
      if (Type.startsWith('AWS::Lambda::')) assert.equal(Condition, 'HasImage', id);
    }
    // Tenants cannot be had with an address.
    const addresses = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Url');
    assert.deepEqual(
      addresses.map(({ Properties }) => Properties['TargetFunctionArn']),
      [{ 'Fn::GetAtt': ['Control', 'Arn'] }],
    );
  });

  it('cost nothing while nothing runs but what the plan says', () => {
    const billed = Object.values(template.Resources).map(({ Type }) => Type);
    for (const type of billed) assert.doesNotMatch(type, /NatGateway|VPCEndpoint|EC2|RDS|LoadBalancer/);
    assert.doesNotMatch(text, /ProvisionedConcurrency/);
    assert.equal(billed.filter((type) => type === 'AWS::SecretsManager::Secret').length, 1);
  });
});
