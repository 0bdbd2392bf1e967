import type { LambdaClientConfig } from '@aws-sdk/client-lambda';

/** Where functions are, and how they are called. */
export interface LambdaAccount {
  region: string;
  /** Whose functions they are. Where it is named, none of another account is called, whatever the credentials are of. */
  account?: string | undefined;
  /** Another address than AWS's own, for tests. */
  endpoint?: string;
  /** The AWS SDK's credentials; its default chain where absent. */
  credentials?: NonNullable<LambdaClientConfig['credentials']>;
  /** The profile that they are of, for what is said of them. */
  profile?: string | undefined;
  /** How often a throttled call is tried; the SDK's own number where absent. */
  maxAttempts?: number;
}

/** A backend that was deployed: the outputs of its stack. */
export interface DeployedTarget extends LambdaAccount {
  controlFunction: string;
  runnerFunction: string;
  /** A hash of the workspace: an environment of the runner serves one workspace alone. */
  tenant: string;
}
