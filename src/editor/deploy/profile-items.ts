import type { AwsProfile, ProfileKind } from '../../core/aws/profiles.ts';
import { labelText } from '../plain-text.ts';

/** Credentials that can be chosen: a profile's, or those that the AWS SDK finds by itself. */
export interface ProfileItem {
  label: string;
  description: string;
  /** Undefined for the default credentials. */
  profile: string | undefined;
}

const KINDS: Readonly<Record<ProfileKind, string>> = {
  keys: 'access key',
  sso: 'IAM Identity Center (SSO)',
  role: 'role',
  process: 'credential process',
  login: 'login of the AWS CLI',
  other: 'no credentials of its own',
};

/** What credentials of the environment are called; the variables are those that the AWS SDK reads. */
const SOURCES: readonly (readonly [variable: string, words: string])[] = [
  ['AWS_ACCESS_KEY_ID', 'an access key of the environment'],
  ['AWS_PROFILE', 'the profile of AWS_PROFILE'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'a web identity of the environment'],
  ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'the role of this container'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'the role of this container'],
];

/**
 * What can be chosen, the preferred one first. The default credentials come first where the environment has some, else last.
 * @param preferred what was chosen before, or is set; null for nothing
 */
export function profileItems(
  profiles: readonly AwsProfile[],
  env: NodeJS.ProcessEnv,
  preferred: string | undefined | null,
): ProfileItem[] {
  const named = profiles.map(({ name, kind, region }) => ({
    label: `$(account) ${labelText(name)}`,
    description: [KINDS[kind], ...(region === undefined ? [] : [labelText(region)])].join(' · '),
    profile: name,
  }));
  const source = SOURCES.find(([variable]) => (env[variable] ?? '') !== '');
  const standard: ProfileItem = {
    label: '$(key) Default credentials',
    description: source?.[1] ?? 'what the AWS SDK finds by itself, such as the role of this machine',
    profile: undefined,
  };
  const all: ProfileItem[] = source === undefined ? [...named, standard] : [standard, ...named];
  if (preferred === null) return all;
  const isPreferred = ({ profile }: ProfileItem): boolean => profile === preferred;
  return [...all.filter(isPreferred), ...all.filter((item) => !isPreferred(item))];
}
