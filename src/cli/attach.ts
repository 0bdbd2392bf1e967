import type { Command } from './command.ts';
import { finish } from './finish.ts';
import { followRun } from './follow-run.ts';
import { oneRunId } from './run-id.ts';
import { jsonShow } from './show.ts';
import { ownOutput, TaskShow } from './task-show.ts';
import { targetHelp, targetOption } from './target.ts';
import { parse, wholeNumber } from './usage.ts';
import { makeFolder } from './write-out.ts';

export const attachCommand: Command = {
  name: 'attach',
  summary: 'follow a run that was started before',
  help: `usage: offload attach [OPTIONS] ID

Shows a run from its beginning and follows it to its end. Ctrl+C leaves it alone. The exit code is the program's;
of a task, as offload task has it.

${targetHelp('where it is')}
  --after N          show what came after event N
  --out DIR          write the changed files under DIR
  --allow-guarded    also those that an editor, a shell or an agent would run by itself
  --json             write each event as a line of JSON
  --help             this text
`,
  atTarget: true,
  async run(argv, sandbox, { hourUsd }) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: {
        ...targetOption,
        after: { type: 'string' },
        out: { type: 'string' },
        'allow-guarded': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const runId = oneRunId(positionals, 'attach');
    const after = wholeNumber(values.after, '--after', 0, Number.MAX_SAFE_INTEGER) ?? 0;
    const { json, out, 'allow-guarded': allowGuarded } = values;
    if (out !== undefined) await makeFolder(out);
    // The exit code and the changed files are those of the whole run, whatever is shown of it.
    const show = json ? jsonShow() : new TaskShow(ownOutput());
    const followed = await followRun(
      sandbox,
      { runId, after: 0 },
      { show, interrupts: [], showAfter: after },
    );
    return await finish(sandbox, runId, followed, { json, out, allowGuarded, hourUsd });
  },
};
