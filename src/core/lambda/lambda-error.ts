import { OffloadError, type ErrorCode } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { LambdaAccount } from './lambda-target.ts';

/** What asking once more does not mend: said as AWS's other services say it. All else is a connection that broke. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'no-credentials',
  'login-expired',
  'no-permission',
  'unauthorized',
  'busy',
]);

/** What the AWS SDK throws, in our words; anything else as it is. Errors of ours pass. */
export function asLambdaError(
  error: unknown,
  { functionName, region, profile }: Pick<LambdaAccount, 'region' | 'profile'> & { functionName: string },
): unknown {
  if (error instanceof OffloadError || !(error instanceof Error)) return error;
  switch (error.name) {
    case 'TooManyRequestsException':
      return new OffloadError('busy', `AWS Lambda has no room for another run of ${functionName} now.`, {
        fix: 'Try again in a moment, or raise the concurrency of the function.',
        cause: error,
      });
    // It is deployed anew just now, or was not called for long.
    case 'ResourceConflictException':
    case 'ResourceNotReadyException':
    case 'CodeArtifactUserPendingException':
      return new OffloadError('busy', `AWS Lambda is getting ${functionName} ready.`, {
        fix: 'Try again in a minute.',
        cause: error,
      });
    case 'ResourceNotFoundException':
      return new OffloadError('no-backend', `There is no function ${functionName} in ${region}.`, {
        fix: 'Check its name and region; "offload deploy" makes a backend anew.',
        cause: error,
      });
    case 'RequestTooLargeException':
    case 'RequestEntityTooLargeException':
      return new OffloadError('too-large', 'The request is larger than AWS Lambda takes.', { cause: error });
    default: {
      const said = asAwsError(error, { region, profile, policy: 'use' });
      if (said instanceof OffloadError && FINAL.has(said.code)) return said;
      const isUnreachable = said instanceof OffloadError && said.code === 'aws-unreachable';
      const message = isUnreachable ? said.message : `The call to AWS Lambda failed: ${error.message}`;
      return new OffloadError('interrupted', message, {
        fix: isUnreachable ? said.fix : undefined,
        cause: error,
      });
    }
  }
}
