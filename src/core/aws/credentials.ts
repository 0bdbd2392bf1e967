import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { OffloadError } from '../../protocol/error.ts';
import { assertProfile } from './profiles.ts';

/** Gives credentials, each time that they are asked for. */
export type AwsCredentials = ReturnType<typeof fromNodeProviderChain>;

export interface CredentialChoice {
  /** A profile of the shared configuration; AWS_PROFILE's, or the default chain, where absent. */
  profile?: string | undefined;
  /** Asks for the code of a device for multi-factor authentication, by the device's serial number or ARN. */
  askMfaCode?: ((device: string) => Promise<string>) | undefined;
}

/**
 * Credentials as the AWS SDK finds them: environment, shared files, SSO, `credential_process`, web identity, and the
 * machine's own role. They are looked for when first asked for and renewed before they run out. OffloadError
 * `no-credentials` for a profile that is not there, and where the code of a device is asked for and none is given.
 */
export function awsCredentials(choice: CredentialChoice & { region: string }): AwsCredentials {
  let provider: Promise<AwsCredentials> | undefined;
  return async (properties) => {
    provider ??= load(choice).catch((error: unknown) => {
      provider = undefined;
      throw error;
    });
    return (await provider)(properties);
  };
}

async function load(choice: CredentialChoice & { region: string }): Promise<AwsCredentials> {
  const { profile, askMfaCode, region } = choice;
  if (profile !== undefined) await assertProfile(profile);
  const providers = await import('./sdk/credential-providers.ts');
  return providers.fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(askMfaCode === undefined ? {} : { mfaCodeProvider: (device) => givenCode(askMfaCode, device) }),
    // What a profile says itself comes before it, as `sso_region` does; `clientConfig` would come before that.
    parentClientConfig: { region },
    ignoreCache: true,
  });
}

async function givenCode(ask: (device: string) => Promise<string>, device: string): Promise<string> {
  const code = (await ask(device)).trim();
  if (code !== '') return code;
  throw new OffloadError('no-credentials', 'No code of the multi-factor device was given.', {
    fix: 'Try again, and type the code that the device shows.',
  });
}
