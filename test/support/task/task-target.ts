import type { ModelAccess } from '../../../src/protocol/access.ts';
import { messagesApi, type MessagesApi } from '../messages-api/server.ts';
import type { MessagesApiOptions } from '../messages-api/server.ts';
import { localTarget, type LocalTarget, type LocalTargetOptions } from '../target/local-target.ts';
import { FollowedTask, MADE_UP_KEY, taskRequest, type TaskWish } from './task-run.ts';

/** A local target, and a scripted model for each task of it. */
export class TaskTarget {
  readonly target: LocalTarget;
  readonly #agent: TaskWish['agent'];
  readonly #apis: MessagesApi[] = [];

  private constructor(target: LocalTarget, agent: TaskWish['agent']) {
    this.target = target;
    this.#agent = agent;
  }

  /** @param agent Claude Code's program, or another agent */
  static async start(agent: string | TaskWish['agent'], options?: LocalTargetOptions): Promise<TaskTarget> {
    const named = typeof agent === 'string' ? { id: 'claude-code', program: agent } : agent;
    return new TaskTarget(await localTarget(options), named);
  }

  /** A model that answers as the script says. */
  async model(script: MessagesApiOptions): Promise<MessagesApi> {
    const api = await messagesApi({ key: MADE_UP_KEY, ...script });
    this.#apis.push(api);
    return api;
  }

  /** Starts a task of the agent with a model. */
  start(api: MessagesApi, wish: Omit<TaskWish, 'agent'>): FollowedTask {
    const access: ModelAccess = { provider: 'messages', baseUrl: api.url, key: MADE_UP_KEY };
    return new FollowedTask(this.target.sandbox, taskRequest({ agent: this.#agent, access, ...wish }));
  }

  async dispose(): Promise<void> {
    await this.target.dispose();
    await Promise.all(this.#apis.map((api) => api.close()));
  }
}
