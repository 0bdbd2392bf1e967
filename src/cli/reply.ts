import { randomBytes } from 'node:crypto';
import { readDeployments } from '../core/deploy/deployment.ts';
import { localFolders } from '../core/local/folders.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { endedForGood, goesOn } from '../core/targets/target.ts';
import { OffloadError } from '../protocol/error.ts';
import type { RunSummary } from '../protocol/reply.ts';
import { carryOutTask } from './carry-out-task.ts';
import type { Command } from './command.ts';
import { oneRunId } from './run-id.ts';
import { say } from './say.ts';
import { checkOptions, promptOf, taskHelp, taskOf, taskOptions } from './task-options.ts';
import { targetFlags, type Place } from './target.ts';
import { parse, Usage } from './usage.ts';

export const replyCommand: Command = {
  name: 'reply',
  summary: 'tell the agent of a task more, or go on with it',
  help: `usage: offload reply [--now] ID "MESSAGE"
       offload reply [OPTIONS] ID "PROMPT"

Tells the agent of a task that goes on MESSAGE, when it has done what it does, or at once with --now. A task that has
ended goes on as a new one, with its conversation and its files; the options are those of offload task. Name the
workspace again, so that what you have changed in it since is brought along. With "-" the text is read from standard
input.

  --now                  tell it at its next step (of a task that goes on)
${taskHelp}`,
  atTarget: true,
  async run(argv, sandbox, place) {
    const options = { ...taskOptions, now: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parse({ args: argv, options, allowPositionals: true });
    checkOptions(values);
    const [id, ...words] = positionals;
    const runId = oneRunId(id === undefined ? [] : [id], 'reply');
    const task = await taskNamed(place, runId);
    const text = await promptOf(words, 'reply');
    if (task.state === 'running' && (await tell(sandbox, runId, text, values.now))) {
      if (!values.json) say(`told; "offload attach${targetFlags(place)} ${runId}" follows the task`);
      return 0;
    }
    if (values.now) throw new Usage('--now goes with a task that goes on, and this one has ended');
    if (!goesOn(place.target)) throw notGoingOn(place);
    const { capabilities: can } = await sandbox.environment();
    const next = await taskOf(text, values, { can, agent: task.language });
    return await carryOutTask({ ...next, resume: runId }, values, { ...place, can });
  },
};

/** @throws OffloadError `unknown-run`, or `bad-request` for a run of a program */
async function taskNamed(place: Place, runId: string): Promise<RunSummary> {
  const { sandbox, target } = place;
  const run = (await sandbox.runs()).find((each) => each.runId === runId);
  const elsewhere = target.kind === 'local' && (await readDeployments(localFolders().state)).length > 0;
  const fix = `The tasks are among what "offload runs${targetFlags(place)}" lists.${elsewhere ? ' One on AWS is named with --target lambda.' : ''}`;
  if (run === undefined) throw new OffloadError('unknown-run', `There is no run ${runId}.`, { fix });
  if (run.kind === 'task') return run;
  throw new OffloadError('bad-request', `Run ${runId} is a program, which takes no messages.`, { fix });
}

function notGoingOn(place: Place): OffloadError {
  const { message, fix } = endedForGood(place.target);
  return new OffloadError('not-supported', message, {
    fix: `${fix} ("offload task${targetFlags(place)}")`,
  });
}

/** Gives the agent a message; false where its task ends just now. */
async function tell(sandbox: Sandbox, runId: string, text: string, now: boolean): Promise<boolean> {
  try {
    const id = randomBytes(16).toString('hex');
    await sandbox.input(runId, { type: 'message', id, text, when: now ? 'now' : 'next' });
    return true;
  } catch (error) {
    if (error instanceof OffloadError && error.code === 'run-ended') return false;
    throw error;
  }
}
