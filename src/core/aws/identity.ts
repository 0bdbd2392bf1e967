import type { AwsClients } from './clients.ts';

/** Who the credentials are. */
export interface AwsIdentity {
  /** Twelve digits. */
  account: string;
  arn: string;
}

/** Asks AWS whose the credentials are. Needs no permission. */
export async function awsIdentity(aws: AwsClients, signal?: AbortSignal): Promise<AwsIdentity> {
  const { GetCallerIdentityCommand } = await import('./sdk/sts.ts');
  const client = await aws.sts();
  const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}), {
    ...(signal === undefined ? {} : { abortSignal: signal }),
  });
  return { account: Account, arn: Arn };
}
