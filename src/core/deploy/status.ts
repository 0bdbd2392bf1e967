import { asAwsError, forUse } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { awsIdentity } from '../aws/identity.ts';
import type { BackendSource } from './source.ts';
import { conditionOf, readStack, type Condition } from './stack.ts';

/** How a deployed backend stands. */
export interface BackendStatus {
  account: string;
  region: string;
  stack: string;
  condition: Condition;
  /** CloudFormation's word; undefined where there is no stack. */
  status: string | undefined;
  reason: string | undefined;
  outputs: Record<string, string>;
  parameters: Record<string, string>;
  /** When the stack was made or last brought up to date, in milliseconds since 1970; 0 where there is none. */
  changedAt: number;
  /** How what is deployed compares to what this Offload brings. */
  version: 'same' | 'other' | 'newer' | 'none';
}

export interface StatusInput {
  aws: AwsClients;
  stack: string;
  source: BackendSource;
  signal?: AbortSignal;
}

/** Reads how a backend stands; writes nothing. @throws OffloadError in words for what AWS refuses */
export async function backendStatus({
  aws,
  stack,
  source,
  signal = new AbortController().signal,
}: StatusInput): Promise<BackendStatus> {
  try {
    const { account } = await awsIdentity(aws, signal);
    const state = await readStack({ aws, signal }, stack);
    const outputs = state?.outputs ?? {};
    const { status, reason, parameters = {}, changedAt = 0 } = state ?? {};
    return {
      account,
      region: aws.region,
      stack,
      condition: conditionOf(state),
      status,
      reason,
      outputs,
      parameters,
      changedAt,
      version: versionOf(outputs, source),
    };
  } catch (error) {
    throw asAwsError(error, forUse(aws));
  }
}

/** How what a stack has compares to what this Offload brings. */
export function versionOf(
  outputs: Readonly<Record<string, string>>,
  source: Pick<BackendSource, 'hash' | 'templateVersion'>,
): BackendStatus['version'] {
  if (outputs['ControlFunction'] === undefined) return 'none';
  if (Number(outputs['TemplateVersion']) > source.templateVersion) return 'newer';
  return outputs['BackendHash'] === source.hash ? 'same' : 'other';
}
