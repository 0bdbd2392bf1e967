import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roleGrant } from '../../../src/core/aws/role/grant.ts';
import type { PolicyStatement } from '../../../src/core/aws/role/policy.ts';
import { MAX_POLICY_CHARS } from '../../../src/core/aws/role/session-policy.ts';
import { iamActions, meansAction, type IamAction } from '../../support/aws/iam-actions.ts';

const ROLE = 'arn:aws:iam::123456789012:role/team/reader';
const REGION = 'eu-west-1';
const TABLE = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders';
const CLUSTER = 'arn:aws:rds:eu-central-1:123456789012:cluster:shop';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbC123';

/** Each ready-made purpose, and the levels of AWS's reference that it may have actions of. */
const PURPOSES: [purpose: string, levels: string[]][] = [
  ['inventory', ['List', 'Read']],
  ['cost', ['List', 'Read']],
  ['bucket:my-data', ['List', 'Read']],
  ['bucket:my-data/reports/2026', ['List', 'Read']],
  ['bucket-write:my-data/reports', ['List', 'Read', 'Write']],
  [`database:${TABLE}`, ['List', 'Read']],
  // SQL may write what the database's user may.
  [`database:${CLUSTER},${SECRET}`, ['Read', 'Write']],
  ['logs:/aws/lambda/my-function', ['List', 'Read']],
];

/** What is content, a secret, code, or may have a secret in it: variables, user data, keys of tunnels. */
const CONTENT = [
  ...['s3:GetObject*', 'secretsmanager:*', 'ssm:*', 'dynamodb:*Item*', 'dynamodb:Query', 'dynamodb:Scan'],
  ...[
    'dynamodb:PartiQL*',
    'dynamodb:GetRecords',
    'lambda:GetFunction*',
    'lambda:ListFunctions',
    'kms:Decrypt',
  ],
  ...[
    'lambda:GetLayer*',
    'logs:Get*',
    'logs:Filter*',
    'logs:StartQuery',
    'sqs:ReceiveMessage',
    'kinesis:Get*',
  ],
  ...[
    'ec2:DescribeInstanceAttribute',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:GetConsole*',
    'ec2:GetPassword*',
  ],
  ...['ec2:DescribeVpnConnections', 'ec2:DescribeSpot*', 'autoscaling:DescribeLaunchConfigurations'],
  ...[
    'ecs:DescribeTask*',
    'codebuild:BatchGet*',
    'cloudformation:GetTemplate',
    'cloudformation:DescribeStacks',
  ],
  ...['rds:Download*', 'ecr:Get*', 'ecr:BatchGet*', 'iam:GetAccessKey*', 'apigateway:GET', 'cloudfront:*'],
];

/** Rights on keys hold for what one service does for the caller: there is a test of its own for them. */
const isOfKeys = ({ Condition }: PolicyStatement): boolean =>
  Condition?.['StringLike']?.['kms:ViaService'] !== undefined;
const listed = (value: string | string[] | undefined): string[] => [value ?? []].flat();
const allowed = (statements: readonly PolicyStatement[]): string[] =>
  statements.flatMap((each) => (each.Effect === 'Allow' && !isOfKeys(each) ? listed(each.Action) : []));
const denied = (statements: readonly PolicyStatement[]): string[] =>
  statements.flatMap((each) => (each.Effect === 'Deny' && each.Resource === '*' ? listed(each.Action) : []));

describe('the session policy of a purpose', () => {
  let actions: IamAction[];
  before(async () => {
    actions = await iamActions();
    assert(actions.length > 10_000);
  });

  const meant = (pattern: string): IamAction[] => actions.filter(({ name }) => meansAction(pattern, name));
  const statementsOf = async (purpose: string): Promise<PolicyStatement[]> =>
    (await roleGrant(ROLE, purpose, REGION)).policy.Statement;

  for (const [purpose, levels] of PURPOSES) {
    describe(purpose, () => {
      it('allows actions that AWS has, of no other kind than the purpose says', async () => {
        for (const pattern of allowed(await statementsOf(purpose))) {
          const found = meant(pattern);
          assert(found.length > 0, `AWS has no ${pattern}`);
          const others = found.filter((each) => !each.levels.every((level) => levels.includes(level)));
          assert.deepEqual(others, []);
        }
      });

      it('denies becoming another and changing who may what, and no reading', async () => {
        const patterns = denied(await statementsOf(purpose));
        const isDenied = ({ name }: IamAction): boolean => patterns.some((each) => meansAction(each, name));
        const ofIam = actions.filter(({ name }) => name.startsWith('iam:'));
        const reads = ({ levels: own }: IamAction): boolean =>
          own.every((each) => /^(Read|List)$/.test(each));
        assert.deepEqual(
          ofIam.filter((each) => !reads(each) && !isDenied(each)),
          [],
        );
        assert.deepEqual(
          ofIam.filter((each) => reads(each) && isDenied(each)),
          [],
        );
        for (const name of [
          'AssumeRole',
          'AssumeRoot',
          'GetFederationToken',
          'GetSessionToken',
          'TagSession',
        ])
          assert(isDenied({ name: `sts:${name}`, levels: [] }), name);
        assert(!isDenied({ name: 'sts:GetCallerIdentity', levels: [] }));
        for (const pattern of patterns) assert(meant(pattern).length > 0, `AWS has no ${pattern}`);
      });

      it('is one that AWS takes', async () => {
        const { policy } = await roleGrant(ROLE, purpose, REGION);
        const text = JSON.stringify(policy);
        assert(text.length <= MAX_POLICY_CHARS, String(text.length));
        // What the parameter's characters of a session policy may be (AWS STS, AssumeRole).
        assert.match(text, /^[\t\n\r\u0020-\u00ff]+$/);
        assert(!policy.Statement.some((each) => 'Principal' in each));
      });
    });
  }

  it('decrypts what is named alone, and by its service', async () => {
    const keys = async (purpose: string): Promise<PolicyStatement[]> =>
      (await statementsOf(purpose)).filter((each) =>
        listed(each.Action).some((name) => /^kms:(Decrypt|Generate)/.test(name)),
      );
    const byBucket = (Action: string[], objects: string): PolicyStatement => ({
      Effect: 'Allow',
      Action,
      Resource: '*',
      Condition: {
        StringLike: {
          'kms:ViaService': 's3.*.amazonaws.com',
          'kms:EncryptionContext:aws:s3:arn': ['arn:aws:s3:::my-data', objects],
        },
      },
    });
    assert.deepEqual(await keys('bucket:my-data'), [byBucket(['kms:Decrypt'], 'arn:aws:s3:::my-data/*')]);
    assert.deepEqual(await keys('bucket-write:my-data/reports'), [
      byBucket(['kms:Decrypt', 'kms:GenerateDataKey'], 'arn:aws:s3:::my-data/reports/*'),
    ]);
    const [ofSecret] = await keys(`database:${CLUSTER},${SECRET}`);
    assert.deepEqual(ofSecret?.Condition, {
      StringLike: {
        'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com',
        'kms:EncryptionContext:SecretARN': SECRET,
      },
    });
    for (const purpose of ['inventory', 'cost', `database:${TABLE}`, 'logs:/aws/lambda/f'])
      assert.deepEqual(await keys(purpose), [], purpose);
  });

  it('reads no content for an inventory or for costs', async () => {
    for (const purpose of ['inventory', 'cost']) {
      for (const pattern of allowed(await statementsOf(purpose))) {
        const found = meant(pattern).filter(({ name }) => CONTENT.some((each) => meansAction(each, name)));
        assert.deepEqual(found, [], pattern);
      }
    }
    for (const pattern of CONTENT) assert(meant(pattern).length > 0, `AWS has no ${pattern}`);
  });

  it('holds a bucket, a folder, a table, a cluster and a log group to what is named', async () => {
    const resources = async (purpose: string): Promise<string[]> =>
      (await statementsOf(purpose))
        .filter((each) => each.Effect === 'Allow' && !isOfKeys(each))
        .flatMap((each) => listed(each.Resource));
    assert.deepEqual(
      new Set(await resources('bucket:my-data')),
      new Set(['arn:aws:s3:::my-data', 'arn:aws:s3:::my-data/*']),
    );
    const [location, list, read] = await statementsOf('bucket-write:my-data/a b/c/');
    assert.equal(location?.Resource, 'arn:aws:s3:::my-data');
    assert.deepEqual(list?.Condition, { StringLike: { 's3:prefix': 'a b/c/*' } });
    assert.equal(read?.Resource, 'arn:aws:s3:::my-data/a b/c/*');
    assert(listed(read.Action).includes('s3:PutObject'));
    assert(!listed(read.Action).some((each) => each.includes('Delete')));
    assert.deepEqual(await resources(`database:${TABLE}`), [TABLE, `${TABLE}/index/*`]);
    assert.deepEqual(await resources(`database:${CLUSTER},${SECRET}`), [CLUSTER, SECRET]);
    const group = 'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f';
    const [reading, queries] = await statementsOf('logs:/aws/lambda/f');
    assert.deepEqual(reading?.Resource, [group, `${group}:*`]);
    assert.deepEqual(queries?.Action, ['logs:GetQueryResults', 'logs:StopQuery']);
  });

  it('is of the region and the part of AWS of what it is for', async () => {
    const { region, hosts } = await roleGrant(ROLE, `database:${CLUSTER},${SECRET}`, REGION);
    assert.equal(region, 'eu-central-1');
    assert.deepEqual(hosts, [
      'rds-data.eu-central-1.amazonaws.com:443',
      'sts.eu-central-1.amazonaws.com:443',
    ]);
    const china = 'arn:aws-cn:iam::123456789012:role/reader';
    const bucket = await roleGrant(china, 'bucket:my-data', 'cn-north-1');
    assert.equal(bucket.policy.Statement[0]?.Resource, 'arn:aws-cn:s3:::my-data');
    assert.deepEqual(bucket.hosts, [
      'my-data.s3.cn-north-1.amazonaws.com.cn:443',
      'sts.cn-north-1.amazonaws.com.cn:443',
    ]);
    await assert.rejects(roleGrant(china, 'bucket:my-data', REGION), { code: 'bad-setting' });
    await assert.rejects(roleGrant(china, `database:${TABLE}`, 'cn-north-1'), { code: 'bad-setting' });
    const gov = await roleGrant('arn:aws-us-gov:iam::123456789012:role/r', 'inventory', 'us-gov-west-1');
    assert(gov.hosts.includes('iam.us-gov.amazonaws.com:443'));
  });
});

describe('a policy of the user', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const granted = (content: unknown): ReturnType<typeof roleGrant> => {
    const path = join(folder, 'policy.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return roleGrant(ROLE, `file:${path}`, REGION);
  };
  const allow = {
    Effect: 'Allow',
    Action: ['s3:GetObject', 'Athena:*'],
    Resource: 'arn:aws:s3:::b/${aws:username}/*',
  };

  it('is taken as it is, with what is always denied, and needs the hosts of its services', async () => {
    const { policy, hosts } = await granted({ Version: '2012-10-17', Statement: allow });
    assert.deepEqual(policy.Statement[0], allow);
    assert.equal(policy.Statement.at(-1)?.Effect, 'Deny');
    assert.deepEqual(hosts, [
      '*.s3.eu-west-1.amazonaws.com:443',
      'athena.eu-west-1.amazonaws.com:443',
      's3.eu-west-1.amazonaws.com:443',
      'sts.eu-west-1.amazonaws.com:443',
    ]);
    const all = await granted({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', NotAction: 'x:*', Resource: '*' }],
    });
    assert(all.hosts.includes('*.amazonaws.com:443'));
  });

  const wrong: [what: string, content: unknown, said: RegExp][] = [
    ['that is no JSON', '{', /not JSON/],
    ['of another version', { Version: '2008-10-17', Statement: allow }, /Version/],
    ['with a principal', { Version: '2012-10-17', Statement: { ...allow, Principal: '*' } }, /Principal/],
    ['without statements', { Version: '2012-10-17', Statement: [] }, /Statement/],
    ['that is too large', { Version: '2012-10-17', Statement: { ...allow, Sid: 'x'.repeat(2000) } }, /2048/],
  ];
  for (const [what, content, said] of wrong) {
    it(`${what} is refused in words`, async () => {
      await assert.rejects(granted(content), { code: 'bad-setting', message: said });
    });
  }

  it('that is not there is refused in words', async () => {
    await assert.rejects(roleGrant(ROLE, `file:${folder}/none.json`, REGION), {
      code: 'bad-setting',
      message: /ENOENT/,
    });
  });
});
