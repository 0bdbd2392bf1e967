/** A function that holds the backend, and how it is called. */
export interface LambdaTarget {
  functionName: string;
  region: string;
  /** Another address than AWS's own, for tests. */
  endpoint?: string;
  /** The AWS SDK's credentials; its default chain where absent. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** How often a throttled call is tried; the SDK's own number where absent. */
  maxAttempts?: number;
}
