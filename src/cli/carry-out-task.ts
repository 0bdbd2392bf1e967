import { resolve } from 'node:path';
import { roleInstructions } from '../core/aws/role/grant.ts';
import { newRunId } from '../core/program/program.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { goesOn } from '../core/targets/target.ts';
import { TASK_SECONDS, taskRequest, type Task } from '../core/task/task.ts';
import { placeRoots } from '../core/workspace/roots.ts';
import { checkCapabilities } from '../protocol/check-capabilities.ts';
import type { Capabilities } from '../protocol/reply.ts';
import { sayEnd } from './finish.ts';
import { exitCodeOf, followRun } from './follow-run.ts';
import { Questions } from './questions.ts';
import { givenRole } from './role.ts';
import { prepareResults, takeResults } from './results.ts';
import { say } from './say.ts';
import { sendWorkspace } from './send-workspace.ts';
import { jsonShow, type Show } from './show.ts';
import { standingInstructions } from './standing-instructions.ts';
import { targetFlags, type Place } from './target.ts';
import type { TaskValues } from './task-options.ts';
import { ownOutput, TaskShow } from './task-show.ts';

/**
 * Sends a task with its workspace, shows it to its end, and does with its changes what the options say.
 * @throws OffloadError what it cannot have there, before anything of it is sent
 */
export async function carryOutTask(
  task: Task,
  values: TaskValues,
  place: Place & { can: Capabilities },
): Promise<number> {
  const { sandbox, target, hourUsd, can } = place;
  await prepareResults(values);
  const { json } = values;
  const [root] = values.workspace === undefined ? [] : placeRoots([{ path: resolve(values.workspace) }]);
  const standing = root && (await standingInstructions(root.folder));
  const own = [standing, values.instructions].filter((text) => text !== undefined);
  // What cannot be sent is found before the files are, and before anybody is asked for a role.
  const draft = taskRequest({ ...task, instructions: own });
  const { limits, network } = draft;
  const runId = newRunId();
  const seconds = limits.wallSeconds ?? TASK_SECONDS;
  if (values.role === undefined) checkCapabilities(draft, can);
  const role = await givenRole(values, {
    ...{ runId, seconds, network },
    check: (given) => {
      checkCapabilities({ ...draft, network: given, credentials: {} }, can);
    },
  });
  const instructions =
    role === undefined ? own : [...own, roleInstructions(role.grant, role.credentials.expires)];
  const given = role && { credentials: role.credentials, network: role.network };
  const taken = root && (await sendWorkspace(sandbox, root.folder, new Set(values['include-secrets'])));
  const request = { ...taskRequest({ ...task, ...given, instructions, snapshot: taken?.hash }), runId };
  const show = json ? watched(sandbox, runId) : new TaskShow(ownOutput(), questions(sandbox, runId));
  const followed = await followRun(sandbox, { request }, { show, interrupts: ['stop', 'cancel'] });
  const { state, interrupted } = followed;
  if (!json) sayEnd(state, hourUsd);
  const whole = await takeResults({ sandbox, runId, changes: state.changes, taken }, values);
  if (!json && goesOn(target)) say(`To go on: offload reply${targetFlags(place)} ${runId} "…"`);
  const code = exitCodeOf(state, interrupted);
  return code === 0 && !whole ? 1 : code;
}

const questions = (sandbox: Sandbox, runId: string): Questions =>
  new Questions({
    answer: (answer) => sandbox.input(runId, { type: 'answer', ...answer }),
    terminal: process.stdin.isTTY && process.stderr.isTTY ? process.stdin : undefined,
  });

/** Events as JSON. Nobody is there to be asked, so that the agent decides. */
function watched(sandbox: Sandbox, runId: string): Show {
  const json = jsonShow();
  const nobody = new Questions({
    answer: (answer) => sandbox.input(runId, { type: 'answer', ...answer }),
    terminal: undefined,
  });
  return {
    event: (event) => {
      json.event(event);
      if (event.type !== 'agent') return;
      if (event.item.kind === 'question') nobody.ask(event.item, say);
      else if (event.item.kind === 'answer') nobody.settle(event.item.id);
    },
    end: () => {
      nobody.end();
    },
  };
}
