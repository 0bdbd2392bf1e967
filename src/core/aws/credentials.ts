import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';

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
 * machine's own role. They are looked for when first asked for and renewed before they run out.
 */
export function awsCredentials(choice: CredentialChoice & { region: string }): AwsCredentials {
  let provider: Promise<AwsCredentials> | undefined;
  return async (properties) => {
    provider ??= load(choice);
    return (await provider)(properties);
  };
}

async function load(choice: CredentialChoice & { region: string }): Promise<AwsCredentials> {
  const { profile, askMfaCode, region } = choice;
  const providers = await import('./sdk/credential-providers.ts');
  return providers.fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(askMfaCode === undefined ? {} : { mfaCodeProvider: askMfaCode }),
    clientConfig: { region },
    ignoreCache: true,
  });
}
