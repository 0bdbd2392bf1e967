import { OffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { LambdaTarget } from './lambda-target.ts';

/** What the AWS SDK throws, in our words; anything else as it is. Errors of ours pass. */
export function asLambdaError(
  error: unknown,
  target: Pick<LambdaTarget, 'functionName' | 'region'>,
): unknown {
  if (error instanceof OffloadError || !(error instanceof Error)) return error;
  const { functionName, region } = target;
  switch (error.name) {
    case 'TooManyRequestsException':
      return new OffloadError('busy', `AWS Lambda has no room for another run of ${functionName} now.`, {
        fix: 'Try again in a moment, or raise the concurrency of the function.',
        cause: error,
      });
    case 'ResourceNotFoundException':
      return new OffloadError('no-backend', `There is no function ${functionName} in ${region}.`, {
        fix: 'Check its name and region.',
        cause: error,
      });
    case 'RequestTooLargeException':
    case 'RequestEntityTooLargeException':
      return new OffloadError('too-large', 'The request is larger than AWS Lambda takes.', { cause: error });
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return asAwsError(error, { region });
    case 'ExpiredTokenException':
      return new OffloadError('login-expired', 'The login to AWS has run out.', {
        fix: 'Log in again: "offload login". Runs that were begun go on meanwhile, and can be attached to.',
        cause: error,
      });
    case 'AccessDeniedException':
    case 'InvalidSignatureException':
    case 'UnrecognizedClientException':
    case 'IncompleteSignatureException':
      return new OffloadError('unauthorized', `AWS refused the call: ${error.message}`, {
        fix: 'Check the credentials, and that they may call lambda:InvokeFunction.',
        cause: error,
      });
    default:
      return new OffloadError('interrupted', `The call to AWS Lambda failed: ${error.message}`, {
        cause: error,
      });
  }
}
