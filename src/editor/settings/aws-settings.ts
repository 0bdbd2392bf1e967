import * as z from 'zod/mini';
import { REGION_NAME } from '../../protocol/aws-names.ts';
import { DEFAULT_STACK, STACK_NAME } from '../../core/deploy/deployment.ts';
import { checkedSettings, type ReadSetting } from './setting.ts';

/** Where a backend is deployed, and how. What is undefined is asked for, or stays as the stack has it. */
export interface AwsSettings {
  profile: string | undefined;
  region: string | undefined;
  stack: string;
  /** As `parseBackendOptions` takes them. */
  options: Record<string, unknown>;
}

const wholeOrNone = (min: number, max: number) => z.nullable(z.int().check(z.minimum(min), z.maximum(max)));
const ids = (prefix: string) =>
  z.nullable(z.array(z.string().check(z.regex(new RegExp(`^${prefix}-[0-9a-f]+$`)))));

/** The settings of the backend in AWS. Whose account and money it is no repository may say. */
export const AWS_SETTINGS = {
  'aws.profile': { schema: z.string().check(z.maxLength(256)), default: '' },
  'aws.region': {
    schema: z
      .string()
      .check(
        z.refine(
          (text) => text === '' || REGION_NAME.test(text),
          'must be the name of a region, such as eu-west-1',
        ),
      ),
    default: '',
  },
  'aws.stack': {
    schema: z.string().check(z.regex(STACK_NAME, 'takes small letters, digits and hyphens, 38 at most')),
    default: DEFAULT_STACK,
  },
  'aws.architecture': { schema: z.enum(['', 'arm64', 'x86_64']), default: '' },
  'aws.memoryMb': { schema: wholeOrNone(128, 10_240), default: null },
  'aws.timeoutSeconds': { schema: wholeOrNone(15, 900), default: null },
  'aws.storageMb': { schema: wholeOrNone(512, 10_240), default: null },
  'aws.logDays': { schema: z.nullable(z.literal([1, 3, 5, 7, 14, 30, 60, 90])), default: null },
  'aws.expireDays': { schema: wholeOrNone(1, 3650), default: null },
  'aws.subnets': { schema: ids('subnet'), default: null },
  'aws.network': { schema: z.enum(['', 'open', 'closed']), default: '' },
  'aws.securityGroups': { schema: ids('sg'), default: null },
} as const;

/**
 * The settings of the backend in AWS, checked. They are read anew at each use.
 * @throws SettingError naming the first one that is wrong
 */
export function parseAwsSettings(read: ReadSetting): AwsSettings {
  const value = checkedSettings(AWS_SETTINGS, read);
  const [profile, region, architecture, network] = [
    value('aws.profile'),
    value('aws.region'),
    value('aws.architecture'),
    value('aws.network'),
  ];
  const all = {
    architecture: architecture === '' ? null : architecture,
    memory: value('aws.memoryMb'),
    timeout: value('aws.timeoutSeconds'),
    storage: value('aws.storageMb'),
    logDays: value('aws.logDays'),
    expireDays: value('aws.expireDays'),
    subnets: value('aws.subnets'),
    securityGroups: value('aws.securityGroups'),
    network: network === '' ? null : network,
  };
  return {
    profile: profile === '' ? undefined : profile,
    region: region === '' ? undefined : region,
    stack: value('aws.stack'),
    options: Object.fromEntries(Object.entries(all).filter(([, set]) => set !== null)),
  };
}
