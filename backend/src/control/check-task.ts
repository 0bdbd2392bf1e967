import { OffloadError } from '../../../src/protocol/error.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { Secret } from './secret.ts';

/** @throws OffloadError for a task that cannot be had here, whatever the target's capabilities say */
export function checkTask({ access, resume }: TaskRequest, secret: Secret): void {
  if (resume !== undefined) {
    throw new OffloadError('not-supported', 'A conversation cannot be gone on with on AWS Lambda.', {
      fix: 'Start a new task, or run on this computer.',
    });
  }
  if (access?.provider === 'bedrock') {
    throw new OffloadError(
      'not-supported',
      'AWS Lambda has no AWS profile of yours to reach Amazon Bedrock with.',
      {
        fix: 'Deploy the backend with Amazon Bedrock: then it uses a role of its own.',
      },
    );
  }
  if (access === undefined && secret.access === undefined) {
    throw new OffloadError('no-access', 'There is no key for the model.', {
      fix: 'Set one: "Offload: Set Model Key…", or deploy the backend with one.',
    });
  }
}
