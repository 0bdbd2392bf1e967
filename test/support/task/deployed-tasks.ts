import { messagesApi, type MessagesApi } from '../messages-api/server.ts';
import type { Turns } from '../messages-api/script.ts';
import {
  deployedTarget,
  type DeployedTargetOptions,
  type DeployedTestTarget,
} from '../target/deployed-target.ts';
import { runnerAgent } from './agents.ts';
import { MADE_UP_KEY } from './task-target.ts';

/** A deployed backend that has tasks done, and the scripted model that its secret has the key of. */
export interface DeployedTasks {
  on: DeployedTestTarget;
  api: MessagesApi;
}

/**
 * The deployed backend of a suite of tasks: there before its first test, gone after its last one. The suite is skipped
 * where this machine has no agent or no runtime client.
 */
export function deployedTasks(turns: Turns, options: DeployedTargetOptions = {}): () => DeployedTasks {
  let api: MessagesApi | undefined;
  let on: DeployedTestTarget | undefined;
  before(async function () {
    const runnerEnv = runnerAgent(this);
    api = await messagesApi({ key: MADE_UP_KEY, turns });
    on = await deployedTarget(this, {
      ...options,
      secret: { ANTHROPIC_API_KEY: MADE_UP_KEY, ANTHROPIC_BASE_URL: api.url },
      runnerEnv: { ...runnerEnv, ...options.runnerEnv },
    });
  });
  after(async () => {
    await on?.dispose();
    await api?.close();
  });
  return () => {
    if (on === undefined || api === undefined) throw new Error('They are there in tests and hooks only.');
    return { on, api };
  };
}

/** All that is in the bucket, by name and bytes, as text. */
export const stored = (on: DeployedTestTarget): string =>
  [...on.s3.objects.entries()].map(([key, { bytes }]) => key + bytes.toString('latin1')).join('\n');

/** All that is in the bucket, and all that the functions have logged. */
export const written = (on: DeployedTestTarget): string =>
  [stored(on), on.endpoint.logs(on.control), on.endpoint.logs(on.runner)].join('\n');
