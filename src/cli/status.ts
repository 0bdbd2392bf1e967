import type { AwsClients } from '../core/aws/clients.ts';
import { findDrift, type DriftReport } from '../core/deploy/drift.ts';
import { architectureIn } from '../core/deploy/architecture.ts';
import { noteDeployment } from '../core/deploy/note-deployment.ts';
import { runCostWords } from '../core/deploy/prices.ts';
import { readBackendSource } from '../core/deploy/source.ts';
import { spentSince, spentSoFar, spentWords, type Spent } from '../core/deploy/spent.ts';
import { backendStatus, type BackendStatus } from '../core/deploy/status.ts';
import { isSaidClosed, tryNetwork } from '../core/deploy/try-network.ts';
import { localFolders } from '../core/local/folders.ts';
import { asOffloadError } from '../protocol/error.ts';
import { AWS_OPTIONS, DEPLOYED_HELP, openDeployed } from './aws-options.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { oneLine, say } from './say.ts';
import { parse, Usage } from './usage.ts';

const VERSIONS: Record<BackendStatus['version'], string> = {
  same: 'the one of this Offload',
  other: 'another one; "offload deploy" brings it up to date',
  newer: 'of a newer Offload; update this one',
  none: 'no functions yet; "offload deploy" makes them',
};

export const statusCommand: Command = {
  name: 'status',
  summary: 'say how the backend in your AWS account stands',
  help: `usage: offload status [--profile P] [--region R] [--stack NAME] [--drift] [--json]

Says how the backend's stack stands, which version it has and what it is made of. One whose network is closed has a run
try that. One that takes runs is noted on this machine, whoever deployed it: runs can go there from then on (--target
lambda). The exit code is 1 where the backend is not there, or not ready for runs.

${DEPLOYED_HELP}
  --drift       have AWS compare what is there with what was deployed, which takes a while
  --json        write it as one line of JSON
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: {
        ...AWS_OPTIONS,
        drift: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length > 0) throw new Usage('status takes options only');
    const { aws, stack } = await openDeployed(values);
    try {
      const status = await backendStatus({ aws, stack, source: await readBackendSource(backendFolder()) });
      await note(aws, status);
      const drift = values.drift && status.status !== undefined ? await findDrift({ aws, stack }) : undefined;
      const network = await networkOf(aws, status);
      const spent = status.version === 'none' ? undefined : await spentBy(aws, status);
      if (values.json) process.stdout.write(JSON.stringify({ ...status, ...drift, spent, network }) + '\n');
      else {
        const lines = [
          ...linesOf(status),
          ...(network === undefined ? [] : [`network  ${network.detail}`]),
          ...costLines(status, spent),
          ...(drift === undefined ? [] : driftLines(drift)),
        ];
        for (const line of lines) process.stdout.write(oneLine(line) + '\n');
      }
      return status.condition === 'ready' && status.version !== 'none' && network?.closed !== false ? 0 : 1;
    } finally {
      aws.dispose();
    }
  },
};

/** Where it cannot be noted, as in a home that is read-only, the status is told all the same. */
async function note({ profile }: AwsClients, status: BackendStatus): Promise<void> {
  try {
    const noted = await noteDeployment(localFolders().state, status, profile);
    if (noted !== undefined)
      say(`noted on this machine: ${noted.stack} in ${noted.region} takes runs (--target lambda)`);
  } catch (error) {
    const { message, fix } = asOffloadError(error);
    say(`${message} ${fix ?? ''}`);
  }
}

function linesOf({
  account,
  region,
  stack,
  status,
  reason,
  version,
  outputs,
  parameters,
}: BackendStatus): string[] {
  const head = [`account  ${account}`, `region   ${region}`];
  if (status === undefined) return [...head, `stack    there is no ${stack}; "offload deploy" makes it`];
  const rows = (of: Record<string, string>): string[] =>
    Object.entries(of)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `  ${name.padEnd(18)} ${value}`);
  return [
    ...head,
    `stack    ${stack}, ${status}${reason === undefined ? '' : `: ${reason}`}`,
    `version  ${VERSIONS[version]}`,
    ...rows({ ...parameters, ...outputs }),
  ];
}

/** Of a backend whose runs are said to be closed to the network, whether a run finds that it is. */
async function networkOf(
  aws: AwsClients,
  { condition, version, outputs, parameters }: BackendStatus,
): Promise<{ closed: boolean; detail: string } | undefined> {
  const { ControlFunction: controlFunction, RunnerFunction: runnerFunction } = outputs;
  if (controlFunction === undefined || runnerFunction === undefined) return undefined;
  if (!isSaidClosed(parameters) || condition !== 'ready' || version === 'none') return undefined;
  const open = await tryNetwork(aws, { controlFunction, runnerFunction }).catch((error: unknown) =>
    asOffloadError(error),
  );
  if (open === undefined) return { closed: true, detail: 'closed, as a run has found just now' };
  return { closed: false, detail: `${open.message} ${open.fix ?? ''}` };
}

/** What it cost, where these credentials may read the logs. */
const spentBy = (aws: AwsClients, { stack, parameters }: BackendStatus): Promise<Spent | undefined> =>
  spentSoFar({
    aws,
    stack,
    architecture: architectureIn(parameters),
    since: spentSince(),
  }).catch(() => undefined);

function costLines({ version, parameters }: BackendStatus, spent: Spent | undefined): string[] {
  if (version === 'none') return [];
  const memory = Number(parameters['RunnerMemory'] ?? 2048);
  const sum = spent === undefined ? 'out of reach of these credentials' : spentWords(spent);
  return [
    `a run    ${runCostWords(architectureIn(parameters), memory)}`,
    `so far   ${sum}; the model is in neither`,
  ];
}

function driftLines({ drifts, incomplete }: DriftReport): string[] {
  const told = drifts.map(({ resource, state, properties }) =>
    state === 'deleted'
      ? `  ${resource} is gone`
      : `  ${resource} was changed by hand: ${properties.join(', ')}`,
  );
  const head =
    drifts.length === 0 ? 'drift    none was found' : 'drift    "offload deploy" does not undo this:';
  return [head, ...told, ...(incomplete === undefined ? [] : [`  not all could be compared: ${incomplete}`])];
}
