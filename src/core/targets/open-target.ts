import { OffloadError } from '../../protocol/error.ts';
import { AwsClients } from '../aws/clients.ts';
import { openContainerSandbox } from '../container/open-container.ts';
import { knownDeployment, type Deployment } from '../deploy/deployment.ts';
import { deployedSandbox } from '../lambda/lambda-sandbox.ts';
import { localSandbox } from '../local/local-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { targetLabel, type DeployedTo, type Target, type TargetKind } from './target.ts';

export interface OpenOptions {
  /** The folder of the bundled backend. */
  backendFolder: string;
  /** The state folder, where deployments are noted; see `localFolders`. */
  state: string;
  /** The workspace, see `tenantOf`. */
  tenant: string;
  /** The account of a deployed backend, where it is open already: whoever asks for a code asks once. */
  aws?: Pick<AwsClients, 'credentials'> | undefined;
  /** Asks for the code of a device for multi-factor authentication. */
  askMfaCode?: ((device: string) => Promise<string>) | undefined;
}

type Opener<Kind extends TargetKind> = (
  target: Extract<Target, { kind: Kind }>,
  options: OpenOptions,
) => Promise<Sandbox>;

/** How each kind of target is opened. One that is not here is offered nowhere. */
const OPENERS: { [Kind in TargetKind]?: Opener<Kind> } = {
  local: (_, { backendFolder }) => Promise.resolve(localSandbox({ backendFolder })),
  container: (_, { backendFolder }) => openContainerSandbox({ backendFolder }),
  lambda: openDeployed,
};

/** Whether targets of a kind can be opened by this build. */
export const isOffered = (kind: TargetKind): boolean => OPENERS[kind] !== undefined;

/**
 * The sandbox of a target. Whoever opens it disposes of it.
 * @throws OffloadError `no-backend` for a deployment that this machine does not know any more
 */
export function openTarget(target: Target, options: OpenOptions): Promise<Sandbox> {
  const open = OPENERS[target.kind] as Opener<TargetKind> | undefined;
  if (open !== undefined) return open(target, options);
  return Promise.reject(
    new OffloadError('not-supported', `This Offload has no target "${target.kind}".`, {
      fix: 'Update it, or run on this computer.',
    }),
  );
}

async function openDeployed(target: DeployedTo, options: OpenOptions): Promise<Sandbox> {
  const { account, controlFunction, runnerFunction, region, profile } = await deploymentAt(
    options.state,
    target,
  );
  const { tenant, askMfaCode } = options;
  const { credentials } = options.aws ?? (await AwsClients.open({ region, profile, askMfaCode }));
  return deployedSandbox({
    account,
    controlFunction,
    runnerFunction,
    region,
    profile,
    credentials,
    tenant,
  });
}

/** What this machine knows of a deployment. @throws OffloadError `no-backend` where that is nothing */
export async function deploymentAt(state: string, target: DeployedTo): Promise<Deployment> {
  const found = await knownDeployment(state, target);
  if (found !== undefined) return found;
  const { stack, account, region } = target;
  throw new OffloadError(
    'no-backend',
    `The backend ${stack} on ${targetLabel(target)} (account ${account}) is not known on this computer any more.`,
    {
      fix: `If it is still there, "offload status --region ${region} --stack ${stack}" finds it again; else choose where runs go anew.`,
    },
  );
}
