import { OffloadError } from '../../protocol/error.ts';
import { isAwsError } from '../aws/aws-error.ts';

/** What of a stack the steps of a deploy speak to whose names for what is not there are the same. */
const PARTS: Readonly<Record<string, string>> = {
  image: 'build project',
  key: 'secret',
  check: 'control function',
};

/**
 * The error for a part of the stack that somebody deleted besides CloudFormation, which believes that it is there and
 * cannot make it anew; undefined for an error of another kind.
 * @param step the step that met it, or `plan`
 */
export function asDeletedPart(error: unknown, step: string, stack: string): OffloadError | undefined {
  const part = partOf(error, step);
  if (part === undefined) return undefined;
  return new OffloadError(
    'stack-blocked',
    `The ${part} of the stack ${stack} is gone: somebody deleted it.`,
    {
      fix: 'Remove the rest with "offload destroy", which removes the runs that are kept too, and deploy anew.',
      cause: error,
    },
  );
}

function partOf(error: unknown, step: string): string | undefined {
  if (isAwsError(error, 'RepositoryNotFoundException')) return 'repository';
  if (isAwsError(error, 'NoSuchBucket')) return 'bucket';
  if (isAwsError(error, 'ResourceNotFoundException')) return PARTS[step];
  // Secrets Manager keeps a secret for some days that was deleted.
  if (isAwsError(error, 'InvalidRequestException') && /marked (for deletion|deleted)/.test(error.message))
    return 'secret';
  return undefined;
}
