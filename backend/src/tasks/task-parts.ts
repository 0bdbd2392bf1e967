import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { AgentAdapter } from '../agents/agent.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { RunLife } from '../runs/run-life.ts';
import type { TaskInputs } from './task-inputs.ts';
import type { TaskServices } from './task-services.ts';
import type { TaskUsage } from './task-usage.ts';

/** What a task is made of before it has a session. */
export interface TaskParts {
  request: TaskRequest;
  adapter: AgentAdapter;
  services: TaskServices;
  /** A folder for the contents of changes. */
  blobs: string;
  life: RunLife;
  inputs: TaskInputs;
  usage: TaskUsage;
  redactor: Redactor;
}
