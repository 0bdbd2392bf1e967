import { fittingLimits } from '../../core/targets/fit.ts';
import { taskRequest } from '../../core/task/task.ts';
import type { ModelAccess } from '../../protocol/access.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import type { TaskRequest } from '../../protocol/task.ts';
import type { RunRecord, TaskPart } from '../run/record.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { agentAt } from './at-place.ts';
import type { GivenRole } from './give-role.ts';
import type { TaskOptions } from './options.ts';
import type { Standing } from './standing.ts';
import type { Prepared } from './workspace-sender.ts';

/** What is wanted of a task, once its user has agreed to it. */
export interface AgreedTask {
  runId: string;
  prompt: string;
  options: TaskOptions;
  network: TaskRequest['network'];
  given: GivenRole | undefined;
  /** The task that it goes on with. */
  resumed: RunRecord | undefined;
}

/** What was found for it, in its place and in the window. */
export interface FoundForTask {
  agent: Awaited<ReturnType<typeof agentAt>>;
  access: ModelAccess | undefined;
  standing: readonly Standing[];
  prepared: Prepared | undefined;
  /** What its place can do, as far as that is known. */
  can: Capabilities | undefined;
  toolServers: TaskSettings['toolServers'];
}

/** The request of a task, but for the snapshot that is sent for it. @throws OffloadError what cannot be asked for */
export function draftTask(
  { runId, prompt, options, network, given, resumed }: AgreedTask,
  { agent, access, standing, prepared, can, toolServers }: FoundForTask,
): TaskRequest {
  const request = taskRequest({
    prompt,
    agent: {
      id: agent.id,
      ...(agent.program === undefined ? {} : { program: agent.program }),
      ...(agent.args.length === 0 ? {} : { args: agent.args }),
    },
    model: options.model,
    access,
    credentials: given?.credentials,
    instructions: [
      ...standing.map(({ text }) => text),
      options.instructions ?? '',
      given?.instructions ?? '',
    ],
    budget: options.budget,
    limits: limitsOf(options, { prepared, can, hasCredentials: given !== undefined }),
    network,
    ...(Object.keys(toolServers).length === 0 ? {} : { toolServers }),
    check: options.check,
    execute: options.execute,
    resume: resumed?.runId,
  });
  return { ...request, runId };
}

/** What is kept of a task, but for the place and the window that it comes from. */
export function recordOfTask(
  { runId, title, prompt, snapshot }: TaskRequest,
  options: TaskOptions,
  from: RunRecord['from'] & string,
  resumed: RunRecord | undefined,
): Omit<RunRecord, 'details' | 'folders'> {
  const task: TaskPart = {
    prompt,
    options,
    ...(snapshot === undefined ? {} : { snapshot }),
    conversation: resumed?.task?.conversation ?? runId,
    ...(resumed === undefined ? {} : { resume: resumed.runId }),
  };
  return { format: 1, runId, title, createdAt: Date.now(), task, from, sent: [] };
}

/** Agents and what they run take their time; a workspace may grow beyond what was sent. */
function limitsOf(
  { minutes }: TaskOptions,
  { prepared, can, hasCredentials }: Pick<FoundForTask, 'prepared' | 'can'> & { hasCredentials: boolean },
): TaskRequest['limits'] {
  const { cpuSeconds, workspaceBytes } = LIMITS;
  const wallSeconds = Math.ceil(minutes * 60);
  const limits = {
    ...readSettings().limits,
    wallSeconds,
    cpuSeconds: Math.min(cpuSeconds.max, wallSeconds * 4),
    workspaceBytes: workspaceBytes.default + (prepared?.bytes ?? 0),
  };
  return can === undefined ? limits : fittingLimits(limits, can, 'task', hasCredentials);
}
