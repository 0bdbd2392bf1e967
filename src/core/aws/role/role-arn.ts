import { OffloadError } from '../../../protocol/error.ts';

export const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'] as const;
export type Partition = (typeof PARTITIONS)[number];

/** What the names of a part's endpoints end with. */
export const SUFFIX: Record<Partition, string> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
};

/** The name of a role, taken apart. */
export interface RoleArn {
  arn: string;
  partition: Partition;
  /** Twelve digits. */
  account: string;
}

/** By IAM's reference: a path of printable characters, and a name of 64. */
const ROLE = new RegExp(
  `^arn:(${PARTITIONS.join('|')}):iam::(\\d{12}):role/(?:[\\w+=,.@/-]{1,510}/)?[\\w+=,.@-]{1,64}$`,
);

/** Why a text is no role's name; undefined where it is one. */
export const roleProblem = (text: string): string | undefined =>
  ROLE.test(text) ? undefined : 'must be the ARN of a role, such as arn:aws:iam::123456789012:role/reader';

/** @throws OffloadError `bad-setting` */
export function parseRoleArn(arn: string): RoleArn {
  const [, partition, account = ''] = ROLE.exec(arn) ?? [];
  if (partition !== undefined) return { arn, partition: partition as Partition, account };
  throw new OffloadError('bad-setting', `${JSON.stringify(arn)} is not the ARN of a role.`, {
    fix: 'Give one such as arn:aws:iam::123456789012:role/reader, which the IAM console shows.',
  });
}

/** The partition that a region is in. */
export const partitionOf = (region: string): Partition =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
