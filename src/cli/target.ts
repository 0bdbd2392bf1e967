import { parseArgs } from 'node:util';
import { AwsClients } from '../core/aws/clients.ts';
import { buildNotice, ownBackendHash } from '../core/deploy/build-notice.ts';
import { deploymentsFor, chosenDeployment, type Deployment } from '../core/deploy/deployment.ts';
import { localFolders } from '../core/local/folders.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { hourlyCost } from '../core/targets/cost.ts';
import { lazySandbox } from '../core/targets/lazy-sandbox.ts';
import { isOffered, openTarget as openSandbox } from '../core/targets/open-target.ts';
import { isAway, LOCAL, targetLabel, targetOf, type Target } from '../core/targets/target.ts';
import { tenantOf } from '../core/targets/tenant.ts';
import { askMfaCode } from './ask-line.ts';
import { backendFolder } from './local.ts';
import { say } from './say.ts';
import { Usage } from './usage.ts';

/** The options of each command that goes to a target. */
export const targetOption = {
  target: { type: 'string' },
  stack: { type: 'string' },
  region: { type: 'string' },
  profile: { type: 'string' },
} as const;

const WORDS: Record<Target['kind'], string> = {
  local: 'local (this machine)',
  container: 'container (this machine, by Docker or podman)',
  lambda: 'lambda (the backend that offload deploy has made)',
};
const OFFERED = (Object.keys(WORDS) as Target['kind'][]).filter(isOffered);
const TARGET_WORDS = OFFERED.map((kind) => WORDS[kind]).join(', or ');

/** The same on lines of their own: together they are longer than one. */
const HELP_WORDS = OFFERED.map((kind) => WORDS[kind]).join(`,\n${' '.repeat(21)}or `);

/** What the help of each command says that goes to a target. */
export const targetHelp = (where: string): string => `  --target T         ${where}: ${HELP_WORDS}
  --stack NAME, --region R, --profile P
                     which backend on lambda, where there are several: the latest without these`;

/** What a command works with: a sandbox, and what is known of where it is. */
export interface Place {
  sandbox: Sandbox;
  target: Target;
  /** The account of a backend that was deployed, by the credentials that runs there have. */
  aws: AwsClients | undefined;
  /** About what an hour of a run costs there, in US dollars, where that is known. */
  hourUsd: number | undefined;
}

/**
 * The place that a command line asks for; this machine where it names none. What else is on the command line is its
 * command's to read.
 * @throws Usage for a target that there is none of; OffloadError `no-backend` where none was deployed from this machine
 */
export async function openTarget(argv: string[]): Promise<Place> {
  const options = { ...targetOption, workspace: { type: 'string' } } as const;
  const { values } = parseArgs({ args: argv, options, strict: false, allowPositionals: true });
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const choice = {
    stack: text(values.stack),
    region: text(values.region),
    profile: text(values.profile),
  };
  const kind = values.target ?? 'local';
  const [named] = Object.entries(choice).find(([, value]) => value !== undefined) ?? [];
  if (kind !== 'lambda' && named !== undefined) throw new Usage(`--${named} goes with --target lambda`);
  const { state } = localFolders();
  const deployment = kind === 'lambda' ? await deploymentFor(state, choice) : undefined;
  const target = deployment === undefined ? targetOfKind(kind) : targetOf(deployment);
  const aws = deployment && (await AwsClients.open({ ...deployment, askMfaCode }));
  // What it cannot be opened for is told by what uses it: the doctor has more to say then.
  const sandbox = lazySandbox(() =>
    openSandbox(target, {
      backendFolder: backendFolder(),
      state,
      tenant: isAway(target) ? tenantOf(text(values.workspace) ?? '.', state) : '',
      aws,
    }),
  );
  return { sandbox, target, aws, hourUsd: deployment && hourlyCost(deployment) };
}

function targetOfKind(kind: unknown): Target {
  if (kind === 'local' || (kind === 'container' && isOffered(kind)))
    return kind === 'local' ? LOCAL : { kind };
  throw new Usage(`--target takes ${TARGET_WORDS}`);
}

/** The deployment that is meant. Which one that is, of several, and that it is of another build, is said. */
async function deploymentFor(
  state: string,
  choice: { stack: string | undefined; region: string | undefined; profile: string | undefined },
): Promise<Deployment> {
  const deployment = await chosenDeployment(state, choice);
  const count = (await deploymentsFor(state, choice)).length;
  if (count > 1) {
    const { account, stack } = deployment;
    const where = `${targetLabel(targetOf(deployment))}, account ${account}, stack ${stack}`;
    say(`on ${where}: the latest of ${String(count)}; --stack, --region and --profile choose another`);
  }
  const notice = buildNotice(deployment, await ownBackendHash(backendFolder()));
  if (notice !== undefined) say(`${notice} "offload deploy" brings it up to date.`);
  return deployment;
}

/** The options that name a place again, for the words of a command that is to be typed next. */
export const targetFlags = ({
  target,
  aws,
}: {
  target: Target;
  aws: Pick<AwsClients, 'profile'> | undefined;
}): string => {
  if (target.kind === 'local') return '';
  if (!isAway(target)) return ` --target ${target.kind}`;
  // Two accounts may have the same stack in the same region.
  const profile = aws?.profile === undefined ? '' : ` --profile ${inShell(aws.profile)}`;
  return ` --target ${target.kind} --stack ${target.stack} --region ${target.region}${profile}`;
};

const inShell = (text: string): string =>
  /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Whether programs of this machine can be used: interpreters and agents. */
export const isHere = ({ target }: { target?: string | undefined }): boolean =>
  target === undefined || target === 'local';
