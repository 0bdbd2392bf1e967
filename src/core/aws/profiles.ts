import { OffloadError } from '../../protocol/error.ts';

/** Where the credentials of a profile come from. */
export type ProfileKind = 'keys' | 'sso' | 'role' | 'process' | 'login' | 'other';

/** A profile of the shared configuration files, without what is secret in it. */
export interface AwsProfile {
  name: string;
  kind: ProfileKind;
  region: string | undefined;
}

/**
 * The profiles of this user's shared configuration and credentials files, in the order of their names. The files are
 * `~/.aws/config` and `~/.aws/credentials`, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.
 */
export async function awsProfiles(): Promise<AwsProfile[]> {
  const { loadSharedConfigFiles } = await import('./sdk/config.ts');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const names = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])];
  return (
    names
      // The configuration file's other sections carry their kind in the name.
      .filter((name) => !/^(sso-session|services)\./.test(name))
      .sort()
      .map((name) => {
        const settings = { ...configFile[name], ...credentialsFile[name] };
        return { name, kind: kindOf(settings), region: settings['region'] };
      })
  );
}

function kindOf(settings: Readonly<Record<string, string | undefined>>): ProfileKind {
  const has = (name: string): boolean => settings[name] !== undefined;
  if (has('role_arn')) return 'role';
  if (has('sso_session') || has('sso_start_url')) return 'sso';
  if (has('credential_process')) return 'process';
  if (has('login_session')) return 'login';
  return has('aws_access_key_id') ? 'keys' : 'other';
}

/** @throws OffloadError `no-credentials` where there is no profile of a name */
export async function assertProfile(profile: string): Promise<void> {
  const names = (await awsProfiles()).map(({ name }) => name);
  if (names.includes(profile)) return;
  const { AWS_CONFIG_FILE: file = '~/.aws/config' } = process.env;
  throw new OffloadError('no-credentials', `There is no profile ${JSON.stringify(profile)} in ${file}.`, {
    fix:
      names.length === 0
        ? 'There are none: "aws configure" or "aws configure sso" makes one.'
        : `Name one of these: ${names.join(', ')}.`,
  });
}
