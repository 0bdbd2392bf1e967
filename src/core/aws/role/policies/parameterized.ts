import type { PolicyStatement } from '../policy.ts';
import type { Purpose } from '../purpose.ts';
import { SUFFIX, type Partition } from '../role-arn.ts';

/** What is encrypted with a key of the account is read by the service with the caller's rights on the key. */
const byKey = (
  service: string,
  of: { actions: string[]; where: string; context: Record<string, string | string[]> },
): PolicyStatement => ({
  Effect: 'Allow',
  Action: of.actions,
  Resource: '*',
  Condition: { StringLike: { 'kms:ViaService': `${service}.${of.where}`, ...of.context } },
});

/** One bucket, or a folder in it. */
export function bucketStatements(
  partition: Partition,
  { bucket, prefix, writes }: { bucket: string; prefix: string; writes: boolean },
): PolicyStatement[] {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const objects = prefix === '' ? `${arn}/*` : `${arn}/${prefix}/*`;
  // Without the slash it would be the beginning of other folders' names, too.
  const within = prefix === '' ? {} : { Condition: { StringLike: { 's3:prefix': `${prefix}/*` } } };
  return [
    { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: arn },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn, ...within },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', ...(writes ? ['s3:PutObject', 's3:AbortMultipartUpload'] : [])],
      Resource: objects,
    },
    // S3 names the object to the key, or the bucket where it has a key of its own.
    byKey('s3', {
      actions: ['kms:Decrypt', ...(writes ? ['kms:GenerateDataKey'] : [])],
      where: `*.${SUFFIX[partition]}`,
      context: { 'kms:EncryptionContext:aws:s3:arn': [arn, objects] },
    }),
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
export const clusterStatements = ({
  arn,
  secret,
  partition,
  region,
}: Extract<Purpose, { kind: 'cluster' }>): PolicyStatement[] => [
  { Effect: 'Allow', Action: 'rds-data:ExecuteStatement', Resource: arn },
  { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret },
  byKey('secretsmanager', {
    actions: ['kms:Decrypt'],
    where: `${region}.${SUFFIX[partition]}`,
    context: { 'kms:EncryptionContext:SecretARN': secret },
  }),
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
