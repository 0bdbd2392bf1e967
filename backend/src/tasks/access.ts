import type { ModelAccess } from '../../../src/protocol/access.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { awsSecrets } from '../runs/aws-credentials.ts';
import type { TaskServices } from './task-services.ts';

/** @throws OffloadError `no-access` where neither the request nor the backend says how the model is reached */
export function accessOf({ access }: TaskRequest, services: Pick<TaskServices, 'access'>): ModelAccess {
  const found = access ?? services.access;
  if (found !== undefined) return found;
  throw new OffloadError('no-access', 'There is no key for the model.', {
    fix: 'Set one: "Offload: Set Model Key…", or ANTHROPIC_API_KEY for the command line.',
  });
}

/** What must not be said of a task's access, and of its credentials. */
export function secretsOf(request: TaskRequest, services: Pick<TaskServices, 'access'>): string[] {
  const access = request.access ?? services.access;
  const keys = access?.provider === 'messages' ? [access.key, access.token] : [];
  const own = keys.filter((secret) => secret !== undefined);
  return [...own, ...awsSecrets(request.credentials)];
}
