import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { messagesApi, type MessagesApi, type MessagesApiOptions } from '../messages-api/server.ts';
import { localTarget, type LocalTarget, type LocalTargetOptions } from '../target/local-target.ts';
import { FollowedTask } from './followed-task.ts';
import { taskRequest, type TaskWish } from './task-request.ts';

/** A key that is nobody's, and another. */
export const MADE_UP_KEY = 'sk-ant-made-up-0123456789abcdef0123456789abcdef';
export const OTHER_KEY = MADE_UP_KEY.replace('made-up', 'made-up-other');

type Agent = TaskRequest['agent'];

/** A local target, and a scripted model for each task of it. */
export class TaskTarget {
  readonly target: LocalTarget;
  readonly #agent: Agent;
  readonly #apis: MessagesApi[] = [];

  private constructor(target: LocalTarget, agent: Agent) {
    this.target = target;
    this.#agent = agent;
  }

  /** @param agent Claude Code's program, or another agent */
  static async start(agent: string | Agent, options?: LocalTargetOptions): Promise<TaskTarget> {
    const named = typeof agent === 'string' ? { id: 'claude-code', program: agent } : agent;
    return new TaskTarget(await localTarget(options), named);
  }

  /** The tasks of a target that is there already, by an agent that it has itself. */
  static on(target: LocalTarget): TaskTarget {
    return new TaskTarget(target, { id: 'claude-code' });
  }

  /** A model that answers as the script says. */
  async model(script: MessagesApiOptions): Promise<MessagesApi> {
    const api = await messagesApi({ key: MADE_UP_KEY, ...script });
    this.#apis.push(api);
    return api;
  }

  /** Starts a task with a model: of the target's agent, where the test does not name one. */
  start(api: MessagesApi, wish: TaskWish): FollowedTask {
    const access: ModelAccess = { provider: 'messages', baseUrl: api.url, key: MADE_UP_KEY };
    return new FollowedTask(this.target.sandbox, taskRequest({ agent: this.#agent, access, ...wish }));
  }

  /** What a task has left at a path, as the target keeps it. */
  async content(task: FollowedTask, path: string): Promise<string> {
    const change = task.changes.find((each) => each.path === path);
    assert(change?.hash !== undefined, `no content of ${path} came: ${JSON.stringify(task.changes)}`);
    return (await this.target.sandbox.readBlob(task.runId, change.hash)).toString('utf8');
  }

  /** All that the target has written to disk, as text. */
  onDisk(): string {
    return readdirSync(this.target.folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(this.target.folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');
  }

  async dispose(): Promise<void> {
    await this.target.dispose();
    await Promise.all(this.#apis.map((api) => api.close()));
  }
}
