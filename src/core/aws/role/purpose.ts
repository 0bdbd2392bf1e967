import { OffloadError } from '../../../protocol/error.ts';
import { PARTITIONS, type Partition } from './role-arn.ts';

/** What a task may do with a role, as it is taken apart. Nothing in it has a meaning of its own in a policy. */
export type Purpose =
  | { kind: 'inventory' | 'cost' }
  | { kind: 'bucket' | 'bucket-write'; bucket: string; prefix: string }
  | { kind: 'table'; arn: string; partition: Partition; region: string }
  | { kind: 'cluster'; arn: string; secret: string; partition: Partition; region: string }
  | { kind: 'logs'; group: string }
  | { kind: 'file'; path: string };

/** A purpose as it is offered: how it is written, and what it means. */
export interface OfferedPurpose {
  name: string;
  /** What follows the name and a colon; none where it stands alone. */
  takes?: string;
  example: string;
  means: string;
}

/** All there are. */
export const PURPOSES: readonly OfferedPurpose[] = [
  {
    name: 'inventory',
    example: 'inventory',
    means:
      'list and describe the resources of common services, with their metrics; read no content of them, no secrets, no user data and no variables of functions',
  },
  {
    name: 'cost',
    example: 'cost',
    means:
      'read costs, usage, budgets and price lists; AWS charges for each request to Cost Explorer (about $0.01)',
  },
  {
    name: 'bucket',
    takes: 'NAME[/PREFIX]',
    example: 'bucket:my-data/reports',
    means: 'list and read the objects of one S3 bucket, or of a folder in it',
  },
  {
    name: 'bucket-write',
    takes: 'NAME[/PREFIX]',
    example: 'bucket-write:my-data/reports',
    means:
      'list, read and write (also replace, but not delete) the objects of one S3 bucket, or of a folder in it',
  },
  {
    name: 'database',
    takes: 'TABLE_ARN or CLUSTER_ARN,SECRET_ARN',
    example: 'database:arn:aws:dynamodb:eu-west-1:123456789012:table/orders',
    means:
      "read one DynamoDB table; or run SQL on one cluster by the RDS Data API, with whatever rights the secret's database user has: the secret itself can be read, too",
  },
  {
    name: 'logs',
    takes: 'GROUP',
    example: 'logs:/aws/lambda/my-function',
    means: 'read and query one log group of CloudWatch',
  },
  {
    name: 'file',
    takes: 'PATH',
    example: 'file:policy.json',
    means: 'what a policy of your own in a JSON file allows',
  },
];

/** What a purpose means, with its names: something that one may do. */
export function purposeMeans(purpose: Purpose): string {
  switch (purpose.kind) {
    case 'inventory':
    case 'cost':
      return PURPOSES.find(({ name }) => name === purpose.kind)?.means ?? purpose.kind;
    case 'bucket':
    case 'bucket-write': {
      const { bucket, prefix, kind } = purpose;
      const where =
        prefix === '' ? `the S3 bucket ${bucket}` : `the folder ${prefix}/ of the S3 bucket ${bucket}`;
      return `list and read${kind === 'bucket' ? '' : ', write and replace (not delete)'} the objects of ${where}`;
    }
    case 'table':
      return `read and query the DynamoDB table ${purpose.arn}`;
    case 'cluster':
      return `run SQL on the cluster ${purpose.arn} by the RDS Data API, as the database user of the secret ${purpose.secret}, which can be read, too`;
    case 'logs':
      return `read and query the log group ${purpose.group}`;
    case 'file':
      return `do what the policy of ${purpose.path} allows`;
  }
}

/** By S3's rules for names. */
const BUCKET = /^(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/;
/** What policies take as it stands: no wildcard, no variable. */
const PREFIX = /^[\w !"%&'()+,./:;<=>@[\]^`{|}~#-]{1,512}$/;
/** By CloudWatch's rules for names. */
const GROUP = /^[\w./#-]{1,512}$/;

const partition = `arn:(${PARTITIONS.join('|')})`;
const region = '([a-z]{2}(?:-[a-z]+)+-\\d+)';
const TABLE = new RegExp(`^${partition}:dynamodb:${region}:\\d{12}:table/[\\w.-]{3,255}$`);
const CLUSTER = new RegExp(`^${partition}:rds:${region}:\\d{12}:cluster:[A-Za-z0-9-]{1,63}$`);
const SECRET = new RegExp(`^${partition}:secretsmanager:${region}:\\d{12}:secret:[\\w/+=.@!-]{1,519}$`);

/**
 * Takes a purpose apart, as it is written by {@link PURPOSES}.
 * @throws OffloadError `bad-setting` for what is none, and for a name that would mean more in a policy than it says
 */
export function parsePurpose(text: string): Purpose {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  const offered = PURPOSES.find((each) => each.name === name);
  if (offered === undefined)
    throw wrong(text, 'is no purpose', `Choose one of ${PURPOSES.map(written).join(', ')}.`);
  const purpose = taken(name, rest, colon >= 0);
  if (purpose !== undefined) return purpose;
  throw wrong(
    text,
    rest === '' || offered.takes === undefined
      ? 'is no purpose'
      : 'names nothing that a policy could be held to',
    `Write it as ${written(offered)}, for example ${offered.example}.`,
  );
}

const written = ({ name, takes }: OfferedPurpose): string =>
  takes === undefined ? name : `${name}:${takes}`;

const wrong = (text: string, why: string, fix: string): OffloadError =>
  new OffloadError('bad-setting', `${JSON.stringify(text)} ${why}.`, { fix });

function taken(name: string, rest: string, hasColon: boolean): Purpose | undefined {
  switch (name) {
    case 'inventory':
    case 'cost':
      return hasColon ? undefined : { kind: name };
    case 'bucket':
    case 'bucket-write':
      return bucketOf(name, rest);
    case 'database':
      return databaseOf(rest);
    case 'logs':
      return GROUP.test(rest) ? { kind: 'logs', group: rest } : undefined;
    default:
      return rest === '' ? undefined : { kind: 'file', path: rest };
  }
}

function bucketOf(kind: 'bucket' | 'bucket-write', rest: string): Purpose | undefined {
  const [bucket = '', ...folders] = rest.split('/');
  const prefix = folders.join('/').replace(/\/+$/, '');
  if (!BUCKET.test(bucket) || (prefix !== '' && !PREFIX.test(prefix))) return undefined;
  return { kind, bucket, prefix };
}

function databaseOf(rest: string): Purpose | undefined {
  const [arn = '', secret, ...others] = rest.split(',');
  if (others.length > 0) return undefined;
  const table = TABLE.exec(arn);
  if (table !== null && secret === undefined) return { kind: 'table', arn, ...placeOf(table) };
  const [cluster, named] = [CLUSTER.exec(arn), SECRET.exec(secret ?? '')];
  if (cluster === null || named === null || secret === undefined) return undefined;
  // The Data API takes a secret of the cluster's own region.
  if (cluster[1] !== named[1] || cluster[2] !== named[2]) return undefined;
  return { kind: 'cluster', arn, secret, ...placeOf(cluster) };
}

const placeOf = ([, part, where = '']: RegExpExecArray): { partition: Partition; region: string } => ({
  partition: part as Partition,
  region: where,
});
