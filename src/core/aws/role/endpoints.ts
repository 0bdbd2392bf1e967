import { isOpen, type Network } from '../../../protocol/network.ts';
import type { SessionPolicy } from './policy.ts';
import type { Purpose } from './purpose.ts';
import { partitionOf, SUFFIX, type Partition } from './role-arn.ts';

/** Where the name of a service's endpoint is another one than its prefix in policies. */
const NAMES: Readonly<Record<string, string>> = {
  cloudwatch: 'monitoring',
  ecr: 'api.ecr',
  tag: 'tagging',
};

/** Services with one endpoint for all regions of a part of AWS (the SDK's endpoint rules). */
const GLOBAL: Readonly<Record<string, Partial<Record<Partition, string>>>> = {
  budgets: { aws: 'budgets.amazonaws.com', 'aws-cn': 'budgets.amazonaws.com.cn' },
  ce: { aws: 'ce.us-east-1.amazonaws.com', 'aws-cn': 'ce.cn-northwest-1.amazonaws.com.cn' },
  iam: {
    aws: 'iam.amazonaws.com',
    'aws-cn': 'iam.cn-north-1.amazonaws.com.cn',
    'aws-us-gov': 'iam.us-gov.amazonaws.com',
  },
  pricing: {
    aws: 'api.pricing.us-east-1.amazonaws.com',
    'aws-cn': 'api.pricing.cn-northwest-1.amazonaws.com.cn',
  },
  route53: {
    aws: 'route53.amazonaws.com',
    'aws-cn': 'route53.amazonaws.com.cn',
    'aws-us-gov': 'route53.us-gov.amazonaws.com',
  },
};

/**
 * The hosts that what a policy allows is to be had at: in the region, and no more of them than that takes, where it can be
 * said.
 */
export function endpointsOf(purpose: Purpose, { Statement }: SessionPolicy, region: string): string[] {
  const suffix = SUFFIX[partitionOf(region)];
  const services = new Set(['sts']);
  for (const { Effect, Action, NotAction } of Statement) {
    if (Effect === 'Deny') continue;
    if (NotAction !== undefined) services.add('*');
    for (const action of [Action ?? []].flat()) services.add(action.split(':')[0] ?? '');
  }
  // SQL, its secret and the secret's key: the program calls the Data API alone.
  if (purpose.kind === 'cluster') for (const each of ['secretsmanager', 'kms']) services.delete(each);
  const hosts =
    purpose.kind === 'bucket' || purpose.kind === 'bucket-write'
      ? [`sts.${region}.${suffix}`, ...bucketHosts(purpose.bucket, region, suffix)]
      : [...services].flatMap((service) => hostsOf(service.toLowerCase(), region, suffix));
  return [...new Set(hosts)].sort().map((host) => `${host}:443`);
}

function hostsOf(service: string, region: string, suffix: string): string[] {
  if (service === 's3')
    return [`s3.${region}.${suffix}`, `*.s3.${region}.${suffix}`, ...globalS3(region, suffix)];
  const one = GLOBAL[service];
  if (one !== undefined) {
    const host = one[partitionOf(region)];
    return host === undefined ? [] : [host];
  }
  // A prefix with a wildcard may be any service's.
  if (!/^[a-z0-9-]+$/.test(service)) return [`*.${suffix}`];
  return [`${NAMES[service] ?? service}.${region}.${suffix}`];
}

/** Libraries find S3 at its first address, too, which is that of its first region. */
const globalS3 = (region: string, suffix: string): string[] =>
  region === 'us-east-1' ? [`s3.${suffix}`, `*.s3.${suffix}`] : [];

/** The bucket's own names, where it can have some: a dot in it does not go with TLS's. */
const bucketHosts = (bucket: string, region: string, suffix: string): string[] =>
  bucket.includes('.')
    ? [`s3.${region}.${suffix}`]
    : [`${bucket}.s3.${region}.${suffix}`, ...(region === 'us-east-1' ? [`${bucket}.s3.${suffix}`] : [])];

/** A network with hosts that can be reached besides. */
export function withHosts(network: Network, hosts: readonly string[]): Network {
  if (network === 'open') return network;
  return { allow: [...new Set([...(isOpen(network) ? network.allow : []), ...hosts])] };
}
