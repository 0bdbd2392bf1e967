import type { Command } from './command.ts';
import { oneRunId } from './run-id.ts';
import { targetHelp, targetOption } from './target.ts';
import { parse } from './usage.ts';

export const cancelCommand: Command = {
  name: 'cancel',
  summary: 'end a run',
  help: `usage: offload cancel [OPTIONS] ID

Ends a run and waits until no process of it is left. A run that has ended already is left as it is.

${targetHelp('where it is')}
  --json             write the run's terminal event as a line of JSON
  --help             this text
`,
  atTarget: true,
  async run(argv, sandbox) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: { ...targetOption, json: { type: 'boolean', default: false } },
    });
    const end = await sandbox.cancel(oneRunId(positionals, 'cancel'));
    process.stdout.write(values.json ? JSON.stringify(end) + '\n' : `${end.type}\n`);
    return 0;
  },
};
