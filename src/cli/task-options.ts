import { readFile } from 'node:fs/promises';
import { accessFromEnvironment } from '../core/task/access.ts';
import { TASK_SECONDS, type Task } from '../core/task/task.ts';
import { parseToolServers } from '../core/task/tool-servers.ts';
import { displayPath } from '../core/changes/display.ts';
import type { ModelAccess } from '../protocol/access.ts';
import { longestSeconds } from '../protocol/check-capabilities.ts';
import { OffloadError } from '../protocol/error.ts';
import { LIMITS } from '../protocol/limits.ts';
import { NETWORK_WORDS } from '../protocol/network.ts';
import type { Capabilities } from '../protocol/reply.ts';
import { taskProgram } from './agent-program.ts';
import { promptFromStdin, unreadable } from './input.ts';
import { networkOf, OPEN_THERE } from './network.ts';
import { checkRole, roleHelp, roleOptions } from './role.ts';
import { say } from './say.ts';
import { isHere, targetHelp, targetOption } from './target.ts';
import { Usage, wholeNumber } from './usage.ts';

/** What the options of a task are where nothing is asked. */
const BUDGET = { usd: 5, turns: 200 };

/** The options that `task` and `reply` have in common. */
export const taskOptions = {
  ...targetOption,
  workspace: { type: 'string' },
  'include-secrets': { type: 'string', multiple: true },
  agent: { type: 'string' },
  'agent-program': { type: 'string' },
  'agent-arg': { type: 'string', multiple: true },
  model: { type: 'string' },
  budget: { type: 'string' },
  'max-tokens': { type: 'string' },
  'max-turns': { type: 'string' },
  timeout: { type: 'string' },
  check: { type: 'string' },
  execute: { type: 'boolean', default: false },
  network: { type: 'string' },
  instructions: { type: 'string' },
  'mcp-config': { type: 'string' },
  apply: { type: 'boolean', default: false },
  'apply-guarded': { type: 'boolean', default: false },
  patch: { type: 'string' },
  out: { type: 'string' },
  'allow-guarded': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  ...roleOptions,
} as const;

/** What the help of each command that carries out a task ends with. */
export const taskHelp = `${targetHelp('where')}
  --workspace DIR        send the tree of DIR, less what .gitignore and .offloadignore name
  --include-secrets PATH send a file of it that looks like a secret; may be given again
  --agent A              who does it, by its id; the first that the sandbox has
  --agent-program PATH   the agent's program instead of the first on PATH
  --agent-arg ARG        an argument for it, with --agent acp (any agent of that protocol); may be given again
  --model M              the model, by the name that its provider has for it
  --budget USD           US dollars that models may take (${String(BUDGET.usd)})
  --max-tokens N         tokens of all kinds that models may take
  --max-turns N          answers of the agent (${String(BUDGET.turns)})
  --timeout S            end it after S seconds (${String(TASK_SECONDS)})
  --check CMD            a bash command, run at the end, that tells whether the work is good
  --execute              run the programs that it made at the end
  --network N            ${NETWORK_WORDS}: what programs can
                         reach besides the model (closed);
                         ${OPEN_THERE}
${roleHelp(25)}
  --instructions TEXT    what the agent is told besides
  --mcp-config FILE      servers of tools (MCP) that run beside the agent
  --apply                apply the changes to the workspace, but for those to be approved one by one
  --apply-guarded        also those that an editor, a shell or an agent would run by itself
  --patch FILE           write the changes to FILE, for git apply
  --out DIR              write the changed files under DIR
  --allow-guarded        with --out also those that an editor, a shell or an agent would run by itself
  --json                 write each event as a line of JSON instead; the first has the task's id as "runId"
  --help                 this text

How the model is reached is said by the environment: ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN (a subscription),
OFFLOAD_KEY_FILE (a file with one of them, that only you can read), ANTHROPIC_BASE_URL (another address); or
CLAUDE_CODE_USE_BEDROCK=1 with AWS_REGION and AWS_PROFILE. No key enters the sandbox.

Exit codes: 0 done, and verified where there is a check; 1 failed, not verified, or not all written; 2 a bad request;
3 the budget is reached; 124 the time is up; 130 interrupted.
`;

/** What was given on a command line. */
export type TaskValues = Readonly<
  Record<'execute' | 'apply' | 'apply-guarded' | 'allow-guarded' | 'json' | 'yes', boolean> & {
    'include-secrets'?: string[] | undefined;
    'agent-arg'?: string[] | undefined;
  } & Partial<
      Record<
        | 'target'
        | 'workspace'
        | 'agent'
        | 'agent-program'
        | 'model'
        | 'budget'
        | 'max-tokens'
        | 'max-turns'
        | 'timeout'
        | 'check'
        | 'network'
        | 'instructions'
        | 'role'
        | 'purpose'
        | 'role-profile'
        | 'role-region'
        | 'mcp-config'
        | 'patch'
        | 'out',
        string | undefined
      >
    >
>;

/** @throws Usage for options that do not go together */
export function checkOptions(values: TaskValues): void {
  const results = [
    values.apply || values['apply-guarded'],
    values.patch !== undefined,
    values.out !== undefined,
  ];
  if (results.filter(Boolean).length > 1) throw new Usage('give one of --apply, --patch and --out');
  if (results[0] === true && values.workspace === undefined)
    throw new Usage('--apply needs the folder to apply to: give it with --workspace');
  if (values['include-secrets'] !== undefined && values.workspace === undefined)
    throw new Usage('--include-secrets goes with --workspace');
  checkRole(values);
}

/** The prompt that stands on the command line, or on standard input for "-". @throws Usage, OffloadError */
export async function promptOf(words: readonly string[], command: string): Promise<string> {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0)
    throw new Usage(
      `${command} takes one prompt, in quotes, or - for standard input; see offload ${command} --help`,
    );
  return word === '-' ? await promptFromStdin() : word;
}

/**
 * The task that the options make, without its workspace.
 * @param there `can`: what its place can do; `agent`: who did the task that goes on
 * @throws Usage, OffloadError
 */
export async function taskOf(
  prompt: string,
  values: TaskValues,
  { can, agent }: { can: Capabilities; agent?: string },
): Promise<Task> {
  const { wallSeconds } = LIMITS;
  const seconds =
    wholeNumber(values.timeout, '--timeout', wallSeconds.min, wallSeconds.max) ??
    longestThere(can, values.role !== undefined);
  const tokens = wholeNumber(values['max-tokens'], '--max-tokens', 1, Number.MAX_SAFE_INTEGER);
  const budget = {
    usd: dollars(values.budget) ?? BUDGET.usd,
    turns: wholeNumber(values['max-turns'], '--max-turns', 1, 10_000) ?? BUDGET.turns,
    ...(tokens === undefined ? {} : { tokens }),
  };
  const network = networkOf(values.network);
  const servers = values['mcp-config'];
  const toolServers =
    servers === undefined ? undefined : parseToolServers(await textOf(servers), displayPath(servers));
  const access = await accessOf(values);
  const id = values.agent ?? agent ?? firstAgent(can);
  const chosen = values['agent-program'];
  const program = isHere(values) || chosen !== undefined ? await taskProgram(id, chosen) : undefined;
  return {
    prompt,
    agent: {
      id,
      ...(program === undefined ? {} : { program }),
      ...(values['agent-arg'] === undefined ? {} : { args: values['agent-arg'] }),
    },
    model: values.model,
    access,
    budget,
    limits: seconds === undefined ? {} : { wallSeconds: seconds, cpuSeconds: seconds },
    network,
    check: values.check,
    execute: values.execute,
    ...(toolServers === undefined ? {} : { toolServers }),
  };
}

/** Seconds that a task may take where it may not take as many as usual, which is told. */
function longestThere(can: Capabilities, hasRole: boolean): number | undefined {
  const longest = longestSeconds(can, 'task', hasRole) ?? TASK_SECONDS;
  if (longest >= TASK_SECONDS) return undefined;
  say(`the task has ${String(longest)} s, which is the longest there`);
  return longest;
}

/** A backend that was deployed may have access of its own, and has no use for AWS profiles. */
async function accessOf(values: TaskValues): Promise<ModelAccess | undefined> {
  const isAway = values.target === 'lambda';
  try {
    const access = await accessFromEnvironment(process.env);
    return isAway && access.provider === 'bedrock' ? undefined : access;
  } catch (error) {
    if (isAway && error instanceof OffloadError && error.code === 'no-access') return undefined;
    throw error;
  }
}

function firstAgent({ agents = [] }: Capabilities): string {
  const [first] = agents;
  if (first !== undefined) return first;
  throw new OffloadError('not-supported', 'No agent can work on this target.', {
    fix: 'Run "offload doctor" to see what is missing.',
  });
}

function dollars(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 10_000) return value;
  throw new Usage(`--budget takes US dollars, more than 0 and at most 10000, not "${text}"`);
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => unreadable(path, cause));
