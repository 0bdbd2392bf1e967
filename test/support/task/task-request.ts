import { newRunId } from '../../../src/core/program/program.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

/** What a test asks of a task. */
export type TaskWish = Partial<TaskRequest> & Pick<TaskRequest, 'prompt'>;

/** A request with a fresh id, of Claude Code and with nothing but what is asked for, not even a user's usual limits. */
export const taskRequest = (wish: TaskWish): TaskRequest => ({
  kind: 'task',
  version: PROTOCOL_VERSION,
  runId: newRunId(),
  title: wish.prompt.slice(0, 60),
  agent: { id: 'claude-code' },
  budget: {},
  limits: {},
  network: 'closed',
  execute: false,
  ...wish,
});
