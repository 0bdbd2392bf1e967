import { deploy, type DeployEvent } from '../core/deploy/deploy.ts';
import { parseBackendOptions, type BackendOptions } from '../core/deploy/options.ts';
import { planDeploy, type DeployPlan } from '../core/deploy/plan.ts';
import { readBackendSource } from '../core/deploy/source.ts';
import { localFolders } from '../core/local/folders.ts';
import { accessFromEnvironment } from '../core/task/access.ts';
import { askYes } from './ask-line.ts';
import { AWS_HELP, AWS_OPTIONS, openAws } from './aws-options.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { oneLine, say } from './say.ts';
import { StepLines } from './step-lines.ts';
import { INTERRUPTED_EXIT, stopSignal } from './stopping.ts';
import { parse, Usage, wholeNumber } from './usage.ts';

const OPTIONS = {
  ...AWS_OPTIONS,
  memory: { type: 'string' },
  timeout: { type: 'string' },
  storage: { type: 'string' },
  'log-days': { type: 'string' },
  'expire-days': { type: 'string' },
  arch: { type: 'string' },
  subnet: { type: 'string', multiple: true },
  'security-group': { type: 'string', multiple: true },
  network: { type: 'string' },
  'with-key': { type: 'boolean', default: false },
  plan: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const deployCommand: Command = {
  name: 'deploy',
  summary: 'deploy the backend to your AWS account, or bring it up to date',
  help: `usage: offload deploy [--profile P] [--region R] [OPTIONS]

Makes a CloudFormation stack in your AWS account, has AWS build the backend's image, and sets two Lambda functions to
it. First it says what it will make and about what that costs, and asks. What was stopped or failed goes on when it is
run again; the same again changes nothing.

${AWS_HELP}
  --memory MB   memory of a run, 128 to 10240 (2048); processors come with it
  --timeout S   seconds that a run may take, 15 to 900 (900)
  --storage MB  disk of a run, 512 to 10240 (2048)
  --arch A      arm64 or x86_64 (arm64)
  --log-days N  days that logs are kept: 1, 3, 5, 7, 14, 30, 60 or 90 (14)
  --expire-days N  days after which runs and their files are forgotten, 1 to 3650 (30)
  --subnet ID   a subnet for runs, whose routes say what code reaches; several times for several; "none" for Lambda's
                own network again
  --security-group ID  a security group for runs, likewise
  --network N   closed, where those subnets lead to the backend's bucket alone: then code runs without a network,
                and tasks are not to be had; else open (open), which leaves closed subnets where no others are named.
                docs/closed-network.md says what such subnets are
  --with-key    store how the model is reached, as the environment says it for "offload task", in the stack's secret
  --plan        say what would be done, and do nothing
  --yes         agree beforehand, also to the removal of a stack that was not made, or removed, whole
  --verbose     write the logs of the stack and of the build too
  --json        write what happens as lines of JSON
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({ args: argv, allowPositionals: true, options: OPTIONS });
    if (positionals.length > 0) throw new Usage('deploy takes options only');
    const { aws, stack } = await openAws(values);
    const signal = stopSignal();
    try {
      const options = backendOptions(values, stack);
      const source = await readBackendSource(backendFolder());
      const access = values['with-key'] ? await accessFromEnvironment(process.env) : undefined;
      const plan = await planDeploy({ aws, source, options, signal });
      if (values.json) process.stdout.write(JSON.stringify({ type: 'plan', ...plan }) + '\n');
      else tellPlan(plan);
      if (values.plan) return 0;
      const nothing = plan.upToDate && access === undefined;
      if (!nothing && !values.yes && !(await askYes('Go on?', signal))) {
        say('nothing was done');
        return 1;
      }
      const input = { aws, source, options, access, signal, account: plan.account };
      const removeDead = plan.condition === 'dead';
      await tellDeploy(deploy({ ...input, removeDead, state: localFolders().state }), values);
      return 0;
    } catch (error) {
      if (!signal.aborted) throw error;
      say('stopped; run it again to go on from here');
      return INTERRUPTED_EXIT;
    } finally {
      aws.dispose();
    }
  },
};

type Values = Partial<
  Record<'memory' | 'timeout' | 'storage' | 'log-days' | 'expire-days' | 'arch' | 'network', string>
> & {
  subnet?: string[] | undefined;
  'security-group'?: string[] | undefined;
};

function backendOptions(values: Values, stack: string): BackendOptions {
  const { arch, network } = values;
  if (arch !== undefined && arch !== 'arm64' && arch !== 'x86_64') {
    throw new Usage(`--arch takes arm64 or x86_64, not "${arch}"`);
  }
  if (network !== undefined && network !== 'open' && network !== 'closed') {
    throw new Usage(`--network takes open or closed, not "${network}"`);
  }
  const pairs = {
    architecture: arch,
    memory: wholeNumber(values.memory, '--memory', 128, 10_240),
    timeout: wholeNumber(values.timeout, '--timeout', 15, 900),
    storage: wholeNumber(values.storage, '--storage', 512, 10_240),
    logDays: wholeNumber(values['log-days'], '--log-days', 1, 90),
    expireDays: wholeNumber(values['expire-days'], '--expire-days', 1, 3650),
    subnets: named(values.subnet, '--subnet'),
    securityGroups: named(values['security-group'], '--security-group'),
    network,
  };
  const given = Object.entries(pairs).filter(([, value]) => value !== undefined);
  return parseBackendOptions({ stack, ...Object.fromEntries(given) });
}

/** Names of an option, or `none` for no more of them. */
function named(values: string[] | undefined, option: string): string[] | undefined {
  if (values?.includes('none') !== true) return values;
  if (values.length > 1) throw new Usage(`${option} takes none, or names`);
  return [];
}

function tellPlan({ account, user, region, stack, status, changes, upToDate, cost }: DeployPlan): void {
  const lines = [
    `account  ${account} (${user})`,
    `region   ${region}`,
    `stack    ${stack}${status === undefined ? '' : `, ${status}`}`,
    ...(upToDate ? ['It is up to date.'] : ['This will', ...changes.map((change) => `  - ${change}`)]),
    cost,
  ];
  process.stdout.write(lines.map((line) => oneLine(line) + '\n').join(''));
}

async function tellDeploy(
  events: AsyncIterable<DeployEvent>,
  { json, verbose }: { json: boolean; verbose: boolean },
): Promise<void> {
  const lines = new StepLines((line) => process.stdout.write(line), { logs: verbose });
  for await (const event of events) {
    if (json) process.stdout.write(JSON.stringify(event) + '\n');
    else if (event.type === 'step') lines.tell(event);
    else {
      const { stack, region } = event.deployment;
      process.stdout.write(`deployed: ${stack} in ${region}\n`);
    }
  }
}
