import type { Partition } from '../role-arn.ts';
import type { PolicyStatement } from '../policy.ts';

/** One bucket, or a folder in it. */
export function bucketStatements(
  partition: Partition,
  { bucket, prefix, writes }: { bucket: string; prefix: string; writes: boolean },
): PolicyStatement[] {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const within = prefix === '' ? {} : { Condition: { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } } };
  return [
    { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: arn },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn, ...within },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', ...(writes ? ['s3:PutObject', 's3:AbortMultipartUpload'] : [])],
      Resource: prefix === '' ? `${arn}/*` : `${arn}/${prefix}/*`,
    },
  ];
}

/** One table of DynamoDB and its indexes. */
export const tableStatements = (arn: string): PolicyStatement[] => [
  {
    Effect: 'Allow',
    Action: [
      'dynamodb:BatchGetItem',
      'dynamodb:DescribeTable',
      'dynamodb:GetItem',
      'dynamodb:PartiQLSelect',
      'dynamodb:Query',
      'dynamodb:Scan',
    ],
    Resource: [arn, `${arn}/index/*`],
  },
];

/** SQL on one cluster. The Data API reads the secret with the caller's own rights. */
export const clusterStatements = (arn: string, secret: string): PolicyStatement[] => [
  { Effect: 'Allow', Action: 'rds-data:ExecuteStatement', Resource: arn },
  { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret },
];

/** One log group of the account that the role is in. */
export function logStatements(group: string): PolicyStatement[] {
  return [
    {
      Effect: 'Allow',
      Action: ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
      Resource: [group, `${group}:*`],
    },
    // By a query's own id, which only those know that have begun it.
    { Effect: 'Allow', Action: ['logs:GetQueryResults', 'logs:StopQuery'], Resource: '*' },
  ];
}
