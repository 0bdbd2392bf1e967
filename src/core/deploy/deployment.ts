import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { ACCOUNT_ID, REGION_NAME } from '../../protocol/aws-names.ts';
import { OffloadError } from '../../protocol/error.ts';
import { ARCHITECTURES } from './architecture.ts';
import { DEPLOYMENTS } from './folders.ts';
import { writeWhole } from '../write-whole.ts';

/**
 * The name of a stack: those of its roles begin with it, which have 64 characters at most, `-ControlRole-` and 13 that
 * CloudFormation makes up among them. It would cut a longer one, by which permissions are given.
 */
export const STACK_NAME = /^[a-z][a-z0-9-]{0,37}$/;
export const DEFAULT_STACK = 'offload';

const deploymentSchema = z.object({
  stack: z.string().check(z.regex(STACK_NAME)),
  region: z.string().check(z.regex(REGION_NAME)),
  /** The profile of the shared configuration that it was deployed with; the default credentials where absent. */
  profile: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  account: z.string().check(z.regex(ACCOUNT_ID)),
  controlFunction: z.string().check(z.minLength(1), z.maxLength(256)),
  runnerFunction: z.string().check(z.minLength(1), z.maxLength(256)),
  controlUrl: z.string().check(z.regex(/^https?:\/\//)),
  /** What the backend's folder held, by hash. */
  backendHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Megabytes of a run, and its processors: what it costs goes by these. */
  memory: z.optional(z.int()),
  architecture: z.optional(z.enum(ARCHITECTURES)),
  /** By what a run found the network closed, as `closedBy` has it; absent where none did. */
  closedBy: z.optional(z.string()),
  /** Milliseconds since 1970: when it was deployed from here, or changed last where another machine did. */
  deployedAt: z.number(),
});

/** A backend in an AWS account, as this machine knows it: enough to call it, and no secret. */
export type Deployment = z.infer<typeof deploymentSchema>;

const folderOf = (state: string): string => join(state, DEPLOYMENTS);

/** One file for each stack, so that two who deploy at once do not write the same. */
const fileOf = (state: string, { stack, region, account }: Identity): string =>
  join(folderOf(state), `${account}.${region}.${stack}.json`);

type Identity = Pick<Deployment, 'stack' | 'region' | 'account'>;

/**
 * The deployments that this machine knows, the latest first. A file that is none of ours is passed over.
 * @param state the state folder, see `localFolders`
 */
export async function readDeployments(state: string): Promise<Deployment[]> {
  const names = await readdir(folderOf(state)).catch(() => []);
  const read = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        try {
          const text = await readFile(join(folderOf(state), name), 'utf8');
          return deploymentSchema.parse(JSON.parse(text));
        } catch {
          return undefined;
        }
      }),
  );
  return read
    .filter((each): each is Deployment => each !== undefined)
    .sort((a, b) => b.deployedAt - a.deployedAt);
}

/** What this machine knows of a stack; undefined where that is nothing. */
export async function knownDeployment(
  state: string,
  { account, region, stack }: Identity,
): Promise<Deployment | undefined> {
  return (await readDeployments(state)).find(
    (each) => each.account === account && each.region === region && each.stack === stack,
  );
}

/**
 * Keeps a deployment, in place of what was known of that stack. It appears whole or not at all.
 * @throws OffloadError `deploy-failed` where it cannot be written, or where it is none
 */
export async function writeDeployment(state: string, deployment: Deployment): Promise<void> {
  const { data: whole, error } = deploymentSchema.safeParse(deployment);
  if (whole === undefined) {
    const what = error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new OffloadError('deploy-failed', `The backend says of itself what cannot be: ${what}.`, {
      fix: 'Somebody may have changed its stack: deploy it again, or remove it with "offload destroy".',
      cause: error,
    });
  }
  try {
    await writeWhole(fileOf(state, whole), JSON.stringify(whole) + '\n');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('deploy-failed', `What was deployed cannot be noted on this machine: ${why}`, {
      fix: `See that ${folderOf(state)} can be written to, and try again: what is made is kept.`,
      cause,
    });
  }
}

/** Forgets a deployment that is no more. */
export const removeDeployment = (state: string, deployment: Identity): Promise<void> =>
  rm(fileOf(state, deployment), { force: true });

/** What narrows the choice: what the user named. */
export interface DeploymentChoice {
  stack?: string | undefined;
  region?: string | undefined;
  profile?: string | undefined;
}

/** The deployments that fit what the user names, the latest first. */
export async function deploymentsFor(state: string, choice: DeploymentChoice): Promise<Deployment[]> {
  return (await readDeployments(state)).filter(
    (each) =>
      (choice.stack === undefined || each.stack === choice.stack) &&
      (choice.region === undefined || each.region === choice.region) &&
      (choice.profile === undefined || each.profile === choice.profile),
  );
}

/**
 * The deployment that runs go to: the one that the user names, else the latest.
 * @throws OffloadError `no-backend` where this machine knows none
 */
export async function chosenDeployment(state: string, choice: DeploymentChoice = {}): Promise<Deployment> {
  const [chosen] = await deploymentsFor(state, choice);
  if (chosen !== undefined) return chosen;
  const named = Object.values(choice).some((value) => value !== undefined);
  throw new OffloadError(
    'no-backend',
    named ? 'No such backend was deployed from this machine.' : 'No backend was deployed from this machine.',
    { fix: 'Deploy one with "offload deploy"; one that is there is found with "offload status --region R".' },
  );
}
