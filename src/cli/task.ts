import { taskRequest } from '../core/task/task.ts';
import type { Command } from './command.ts';
import { carryOutTask } from './carry-out-task.ts';
import { checkOptions, promptOf, taskHelp, taskOf, taskOptions } from './task-options.ts';
import { parse } from './usage.ts';

export const taskCommand: Command = {
  name: 'task',
  summary: 'have an agent do a task in the sandbox',
  help: `usage: offload task [OPTIONS] "PROMPT"
       offload task [OPTIONS] -

Has a coding agent work on PROMPT (or with "-" on what is read from standard input) in a sandbox: with a copy of a
folder when one is named, without the rest of your files. Nothing of yours is changed unless you say so. What the agent
writes streams to stdout; its thinking, what it does and what came of it go to stderr. Ctrl+C stops the agent and keeps
what it did; a second one ends the task.

${taskHelp}`,
  atTarget: true,
  async run(argv, sandbox, place) {
    const { values, positionals } = parse({ args: argv, options: taskOptions, allowPositionals: true });
    checkOptions(values);
    const prompt = await promptOf(positionals, 'task');
    // Before anything is read or sent.
    taskRequest({ prompt, agent: { id: 'any' } });
    const { capabilities: can } = await sandbox.environment();
    const task = await taskOf(prompt, values, { can });
    return await carryOutTask(task, values, { ...place, can });
  },
};
