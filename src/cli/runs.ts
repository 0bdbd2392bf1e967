import type { Command } from './command.ts';
import { oneLine } from './say.ts';
import { targetHelp, targetOption } from './target.ts';
import { parse } from './usage.ts';

export const runsCommand: Command = {
  name: 'runs',
  summary: 'list the runs that are kept',
  help: `usage: offload runs [OPTIONS]

Lists the runs that go on and those that are kept, newest first.

${targetHelp('where they are')}
  --json             write each as a line of JSON
  --help             this text
`,
  atTarget: true,
  async run(argv, sandbox) {
    const { values } = parse({
      args: argv,
      options: { ...targetOption, json: { type: 'boolean', default: false } },
    });
    for (const run of await sandbox.runs()) {
      const { runId, state, createdAt, language, title } = run;
      const when = new Date(createdAt).toISOString().replace('T', ' ').slice(0, 19);
      const line = oneLine([runId, state.padEnd(9), when, language.padEnd(10), title].join('  '));
      process.stdout.write(values.json ? JSON.stringify(run) + '\n' : line + '\n');
    }
    return 0;
  },
};
