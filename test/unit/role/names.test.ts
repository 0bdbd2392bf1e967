import assert from 'node:assert/strict';
import { parsePurpose } from '../../../src/core/aws/role/purpose.ts';
import { endpointsOf, withHosts } from '../../../src/core/aws/role/endpoints.ts';
import { roleGrant, roleInstructions } from '../../../src/core/aws/role/grant.ts';
import { parseRoleArn } from '../../../src/core/aws/role/role-arn.ts';
import { trustStatement } from '../../../src/core/aws/role/refusals.ts';
import { parseAllowedHost } from '../../../src/protocol/network.ts';

const TABLE = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders';
const CLUSTER = 'arn:aws:rds:eu-west-1:123456789012:cluster:shop';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbC123';

describe('the name of a purpose', () => {
  const refused = [
    ...[
      '',
      ' ',
      'everything',
      'inventory:',
      'inventory:x',
      'cost:all',
      'Inventory',
      'bucket',
      'bucket:',
      'file:',
    ],
    // What would mean more in a policy than it says.
    ...[
      'bucket:*',
      'bucket:my-*',
      'bucket:my-data*',
      'bucket:my?data',
      'bucket:my-data/*',
      'bucket:my-data/a*',
    ],
    ...['bucket:my-data/a?', 'bucket:my-data/${aws:username}', 'bucket:my-data/$', 'bucket:${aws:username}'],
    ...[
      'bucket:my-data/a\\b',
      'bucket:my-data/a\nb',
      'bucket:my-data/"}]\u0000',
      'bucket:MyData',
      'bucket:ab',
    ],
    ...[
      'bucket:my..data',
      'bucket:1.2.3.4',
      'bucket:arn:aws:s3:::my-data',
      `bucket:my-data/${'a'.repeat(513)}`,
    ],
    ...['bucket-write:*', 'bucket-write:my-data/*', 'bucket-write:my-data/${x}'],
    ...['logs:', 'logs:*', 'logs:/aws/*', 'logs:/aws/?', 'logs:a:b', 'logs:${x}', 'logs:a b', 'logs:a"b'],
    ...[
      'database:',
      'database:*',
      `database:${TABLE}*`,
      `database:${TABLE}/index/x`,
      `database:${TABLE},${SECRET}`,
    ],
    ...[
      'database:arn:aws:dynamodb:*:123456789012:table/orders',
      'database:arn:aws:dynamodb:eu-west-1:*:table/orders',
    ],
    ...[
      'database:arn:aws:dynamodb:eu-west-1:123456789012:table/*',
      `database:${CLUSTER}`,
      `database:${CLUSTER},`,
    ],
    ...[
      `database:${CLUSTER},${SECRET},${SECRET}`,
      `database:${CLUSTER}*,${SECRET}`,
      `database:${CLUSTER},${SECRET}*`,
    ],
    ...[
      `database:${CLUSTER},${SECRET.replace('eu-west-1', 'eu-west-2')}`,
      'database:arn:x:dynamodb:eu-west-1:1:table/t',
    ],
    ...[`database:${CLUSTER},${SECRET.replace('arn:aws:', 'arn:aws-cn:')}`, `database:${SECRET},${CLUSTER}`],
  ];
  for (const text of refused) {
    it(`is not ${JSON.stringify(text.slice(0, 90))}`, () => {
      assert.throws(
        () => parsePurpose(text),
        (error: { code: string; fix: string }) => {
          assert.equal(error.code, 'bad-setting');
          assert.notEqual(error.fix, undefined);
          return true;
        },
      );
    });
  }

  it('is taken apart', () => {
    assert.deepEqual(parsePurpose('inventory'), { kind: 'inventory' });
    assert.deepEqual(parsePurpose('bucket:my.data-1'), { kind: 'bucket', bucket: 'my.data-1', prefix: '' });
    assert.deepEqual(parsePurpose('bucket-write:my-data/a:b/c=d//'), {
      ...{ kind: 'bucket-write', bucket: 'my-data', prefix: 'a:b/c=d' },
    });
    assert.deepEqual(parsePurpose('logs:/aws/lambda/f#1'), { kind: 'logs', group: '/aws/lambda/f#1' });
    assert.deepEqual(parsePurpose('file:a:b.json'), { kind: 'file', path: 'a:b.json' });
    assert.equal(parsePurpose(`database:${TABLE}`).kind, 'table');
    assert.equal(parsePurpose(`database:${CLUSTER},${SECRET}`).kind, 'cluster');
  });
});

describe('the name of a role', () => {
  for (const arn of [
    'reader',
    'arn:aws:iam::123456789012:user/dev',
    'arn:aws:iam::12345:role/reader',
    'arn:aws:iam::123456789012:role/*',
    'arn:aws:iam::123456789012:role/a b',
    'arn:aws:sts::123456789012:assumed-role/reader/x',
    'arn:other:iam::123456789012:role/reader',
    'arn:aws:iam::123456789012:role/reader\n',
  ])
    it(`is not ${JSON.stringify(arn)}`, () => {
      assert.throws(() => parseRoleArn(arn), { code: 'bad-setting' });
    });

  it('says its account and its part of AWS', () => {
    const arn = 'arn:aws-cn:iam::123456789012:role/a/b/reader_1';
    assert.deepEqual(parseRoleArn(arn), { arn, partition: 'aws-cn', account: '123456789012' });
  });
});

describe('the hosts of a purpose', () => {
  it('are such as a network can have, and no others of AWS', async () => {
    for (const [purpose, region] of [
      ['inventory', 'eu-west-1'],
      ['cost', 'eu-west-1'],
      ['inventory', 'us-east-1'],
    ] as const) {
      const { hosts } = await roleGrant('arn:aws:iam::123456789012:role/r', purpose, region);
      for (const host of hosts) assert.notEqual(parseAllowedHost(host), undefined, host);
      assert(!hosts.includes('*.amazonaws.com:443'));
    }
    const { hosts } = await roleGrant('arn:aws:iam::123456789012:role/r', 'cost', 'eu-west-1');
    assert.deepEqual(hosts, [
      'api.pricing.us-east-1.amazonaws.com:443',
      'budgets.amazonaws.com:443',
      'ce.us-east-1.amazonaws.com:443',
      'sts.eu-west-1.amazonaws.com:443',
    ]);
  });

  it('are those of the one bucket, unless its name goes with no certificate', () => {
    const policy = { Version: '2012-10-17', Statement: [] } as const;
    const of = (bucket: string, region: string): string[] =>
      endpointsOf({ kind: 'bucket', bucket, prefix: '' }, { ...policy, Statement: [] }, region);
    assert.deepEqual(of('my-data', 'us-east-1'), [
      'my-data.s3.amazonaws.com:443',
      'my-data.s3.us-east-1.amazonaws.com:443',
      'sts.us-east-1.amazonaws.com:443',
    ]);
    assert.deepEqual(of('my.data', 'eu-west-1'), [
      's3.eu-west-1.amazonaws.com:443',
      'sts.eu-west-1.amazonaws.com:443',
    ]);
  });

  it('come besides those that are allowed', () => {
    assert.equal(withHosts('open', ['a.b:443']), 'open');
    assert.deepEqual(withHosts('closed', ['a.b:443']), { allow: ['a.b:443'] });
    assert.deepEqual(withHosts({ allow: ['c.d', 'a.b:443'] }, ['a.b:443']), { allow: ['c.d', 'a.b:443'] });
  });
});

describe('what is said of a role', () => {
  it('tells the agent whose it is, what for and until when, and no secret', async () => {
    const grant = await roleGrant('arn:aws:iam::123456789012:role/r', 'inventory', 'eu-west-1');
    const text = roleInstructions(grant, Date.UTC(2026, 10, 21, 9, 30));
    for (const part of [
      'arn:aws:iam::123456789012:role/r',
      'eu-west-1',
      'list and describe',
      '2026-11-21 09:30 UTC',
    ])
      assert(text.includes(part), part);
  });

  it('lets in whoever asks, by the statement that a trust policy needs', () => {
    assert.deepEqual(trustStatement('arn:aws:iam::123456789012:user/dev'), {
      ...{
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::123456789012:user/dev' },
        Action: 'sts:AssumeRole',
      },
    });
    const sso = trustStatement(
      'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/me@example.org',
    );
    assert.deepEqual(sso, {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'sts:AssumeRole',
      Condition: {
        ArnLike: {
          'aws:PrincipalArn': [
            'arn:aws:iam::123456789012:role/AWSReservedSSO_Dev_*',
            'arn:aws:iam::123456789012:role/*/AWSReservedSSO_Dev_*',
          ],
        },
      },
    });
  });
});
