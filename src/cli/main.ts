import { asOffloadError } from '../protocol/error.ts';
import { attachCommand } from './attach.ts';
import { endWithOutput } from './broken-output.ts';
import { cancelCommand } from './cancel.ts';
import type { Command } from './command.ts';
import { deployCommand } from './deploy.ts';
import { destroyCommand } from './destroy.ts';
import { doctorCommand } from './doctor.ts';
import { imageCommand } from './image.ts';
import { lambdaLocalCommand } from './lambda-local.ts';
import { loginCommand } from './login.ts';
import { logsCommand } from './logs.ts';
import { policyCommand } from './policy.ts';
import { replyCommand } from './reply.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { say } from './say.ts';
import { statusCommand } from './status.ts';
import { openTarget, type Place } from './target.ts';
import { taskCommand } from './task.ts';
import { Usage } from './usage.ts';

/** The commands by what they are for. */
const GROUPS: readonly (readonly [title: string, commands: readonly Command[]])[] = [
  [
    'Runs and tasks, here or with --target elsewhere',
    [runCommand, taskCommand, replyCommand, attachCommand, cancelCommand, runsCommand, doctorCommand],
  ],
  [
    'The backend in your AWS account (--target lambda)',
    [deployCommand, statusCommand, logsCommand, destroyCommand, loginCommand, policyCommand],
  ],
  ['On this machine', [imageCommand, lambdaLocalCommand]],
];
/** What `offload` can do, in the order of its help. */
export const COMMANDS: readonly Command[] = GROUPS.flatMap(([, commands]) => commands);

/** Exit code for a request that is wrong, as shells' own commands have it. */
const BAD_REQUEST = 2;
const FAILED = 1;

const lineOf = ({ name, summary }: Command): string => `  ${name.padEnd(12)} ${summary}\n`;

const overview = `offload: run code and coding agents in a sandbox, on this machine or in your AWS account.

usage: offload COMMAND [OPTIONS]

${GROUPS.map(([title, commands]) => `${title}:\n${commands.map(lineOf).join('')}`).join('\n')}
"offload COMMAND --help" tells more. Output of a program goes to stdout and stderr as it comes; what offload itself
says goes to stderr.
`;

/** Runs one command line; gives the process's exit code. */
export async function main(argv: string[]): Promise<number> {
  endWithOutput();
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(overview);
    return name === undefined ? BAD_REQUEST : 0;
  }
  const command = COMMANDS.find((c) => c.name === name);
  if (command === undefined) {
    say(`there is no command "${name}"; see offload --help`);
    return BAD_REQUEST;
  }
  const own = command.own?.(rest) ?? rest;
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  let place: Place | undefined;
  try {
    place = await openTarget(command.atTarget === true ? own : []);
    return await command.run(rest, place.sandbox, place);
  } catch (error) {
    return report(error);
  } finally {
    place?.sandbox.dispose();
  }
}

function report(thrown: unknown): number {
  if (thrown instanceof Usage) {
    say(thrown.message);
    return BAD_REQUEST;
  }
  const error = asOffloadError(thrown);
  say(`${error.message}${error.fix === undefined ? '' : ` ${error.fix}`}`);
  if (process.env['OFFLOAD_DEBUG'] !== undefined) console.error(thrown);
  return BAD_REQUESTS.has(error.code) ? BAD_REQUEST : FAILED;
}

const BAD_REQUESTS: ReadonlySet<string> = new Set([
  'bad-request',
  'bad-setting',
  'too-large',
  'unknown-language',
  'unknown-run',
  'not-supported',
  'no-interpreter',
  'no-access',
  'no-agent',
]);
