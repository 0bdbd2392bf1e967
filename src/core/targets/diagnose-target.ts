import { asOffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import { AwsClients } from '../aws/clients.ts';
import { awsIdentity } from '../aws/identity.ts';
import { buildNotice, ownBackendHash } from '../deploy/build-notice.ts';
import type { Check } from '../doctor.ts';
import type { Sandbox } from '../sandbox.ts';
import { deploymentAt, type OpenOptions } from './open-target.ts';
import { targetLabel, type DeployedTo } from './target.ts';

export interface DiagnoseOptions extends Pick<OpenOptions, 'backendFolder' | 'state' | 'askMfaCode'> {
  /** The account, where it is open already; its clients are disposed of. */
  aws?: AwsClients | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Looks at a deployed backend: whose the credentials are, whether its control function answers, and of which build it is.
 * Never throws.
 */
export async function diagnoseDeployed(
  target: DeployedTo,
  sandbox: Sandbox,
  options: DiagnoseOptions,
): Promise<Check[]> {
  const label = targetLabel(target);
  return Promise.all([
    check(`${label}: credentials`, () => credentials(target, options)),
    check(`${label}: control`, async () => {
      const { build, node, capabilities } = await sandbox.environment(options.signal);
      const longest = capabilities.maxWallSeconds;
      const most = longest === undefined ? '' : `, runs of ${String(longest)} s at most`;
      return { detail: `${build} on Node ${node}, network ${capabilities.network.join(' or ')}${most}` };
    }),
    check(`${label}: build`, async () => {
      const deployment = await deploymentAt(options.state, target);
      const own = await ownBackendHash(options.backendFolder);
      if (own === undefined) {
        const fix = 'Install Offload again; in a checkout, run "npm run build".';
        return {
          ok: false,
          detail: 'The backend of this Offload is not whole: there is none to compare with.',
          fix,
        };
      }
      const notice = buildNotice(deployment, own);
      if (notice === undefined) return { detail: 'the one of this Offload' };
      // Builds that differ understand each other, but what is new is missing there.
      return { detail: `${notice} Deploying it again brings it up to date.` };
    }),
  ]);
}

async function credentials(
  target: DeployedTo,
  { state, askMfaCode, signal, aws: open }: DiagnoseOptions,
): Promise<Omit<Check, 'name' | 'ok'> & { ok?: boolean }> {
  const { region, profile } = await deploymentAt(state, target);
  const aws = open ?? (await AwsClients.open({ region, profile, askMfaCode }));
  try {
    const { account, arn } = await awsIdentity(aws, signal);
    const of = profile === undefined ? '' : `, profile ${profile}`;
    if (account === target.account) return { detail: `${arn}${of}` };
    return {
      ok: false,
      detail: `They are of the account ${account}${of}; the backend is in ${target.account}.`,
      fix: 'Log in to that account, or deploy the backend with the profile that belongs to it.',
    };
  } catch (error) {
    throw asAwsError(error, aws);
  } finally {
    aws.dispose();
  }
}

async function check(
  name: string,
  look: () => Promise<Omit<Check, 'name' | 'ok'> & { ok?: boolean }>,
): Promise<Check> {
  try {
    return { name, ok: true, ...(await look()) };
  } catch (thrown) {
    const { message, fix } = asOffloadError(thrown);
    return { name, ok: false, detail: message, ...(fix === undefined ? {} : { fix }) };
  }
}
