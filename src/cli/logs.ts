import { backendLogs, LOGS, type LogName } from '../core/deploy/logs.ts';
import { AWS_OPTIONS, DEPLOYED_HELP, openDeployed } from './aws-options.ts';
import type { Command } from './command.ts';
import { oneLine } from './say.ts';
import { stopSignal } from './stopping.ts';
import { parse, Usage } from './usage.ts';

/** How far back is looked by default. Seconds. */
const SINCE = 3600;

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

export const logsCommand: Command = {
  name: 'logs',
  summary: 'show the logs of the backend in your AWS account',
  help: `usage: offload logs [control] [runner] [build] [--since T] [--follow] [--profile P] [--region R] [--stack NAME]

Writes the lines of the named logs, of control and runner where none is named.

${DEPLOYED_HELP}
  --since T     how far back, such as 30s, 10m, 2h or 1d (1h)
  --follow      go on as lines come, until Ctrl+C
  --json        write each line as a line of JSON
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: {
        ...AWS_OPTIONS,
        since: { type: 'string' },
        follow: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const logs = positionals.length === 0 ? (['control', 'runner'] as const) : positionals.map(logName);
    const since = Date.now() - seconds(values.since) * 1000;
    const { aws, stack } = await openDeployed(values);
    const signal = stopSignal();
    try {
      for await (const line of backendLogs({ aws, stack, logs, since, follow: values.follow, signal })) {
        const time = new Date(line.time).toISOString().replace('T', ' ').slice(0, 19);
        const text = values.json
          ? JSON.stringify(line)
          : oneLine(`${time}  ${line.log.padEnd(7)}  ${line.text}`);
        process.stdout.write(text + '\n');
      }
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      throw error;
    } finally {
      aws.dispose();
    }
  },
};

function logName(name: string): LogName {
  const known = LOGS.find((each) => each === name);
  if (known !== undefined) return known;
  throw new Usage(`there is no log "${name}"; there are ${LOGS.join(', ')}`);
}

function seconds(text: string | undefined): number {
  if (text === undefined) return SINCE;
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) throw new Usage(`--since takes a time such as 30s, 10m, 2h or 1d, not "${text}"`);
  return Number(amount) * (UNITS[unit] ?? 1);
}
