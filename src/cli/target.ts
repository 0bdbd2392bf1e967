import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AwsClients } from '../core/aws/clients.ts';
import { openContainerSandbox } from '../core/container/open-container.ts';
import { chosenDeployment } from '../core/deploy/deployment.ts';
import { deployedSandbox } from '../core/lambda/lambda-sandbox.ts';
import { localFolders } from '../core/local/folders.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { askLine } from './ask-line.ts';
import { backendFolder, openLocalSandbox } from './local.ts';
import { Usage } from './usage.ts';

/** The option of each command that goes to a target. */
export const targetOption = { target: { type: 'string' } } as const;

export const TARGET_WORDS =
  'local (this machine), container (this machine, by Docker or podman), or lambda (the backend that offload deploy has made)';

/**
 * The sandbox that a command line asks for; this machine's where it names none. What else is on the command line is its
 * command's to read.
 * @throws Usage for a target that there is none of; OffloadError `no-backend` where none was deployed from this machine
 */
export async function openTarget(argv: string[]): Promise<Sandbox> {
  const options = { ...targetOption, workspace: { type: 'string' } } as const;
  const { values } = parseArgs({ args: argv, options, strict: false, allowPositionals: true });
  if (values.target === undefined || values.target === 'local') return openLocalSandbox();
  if (values.target === 'container') return openContainerSandbox({ backendFolder: backendFolder() });
  if (values.target !== 'lambda') throw new Usage(`--target takes ${TARGET_WORDS}`);
  const { controlFunction, runnerFunction, region, profile } = await chosenDeployment(localFolders().state);
  const askMfaCode = async (device: string): Promise<string> =>
    (await askLine(`The code that ${device} shows: `)) ?? '';
  const { credentials } = await AwsClients.open({ region, profile, askMfaCode });
  const workspace = typeof values.workspace === 'string' ? values.workspace : '.';
  return deployedSandbox({
    controlFunction,
    runnerFunction,
    region,
    credentials,
    tenant: tenantOf(workspace),
  });
}

/** Whether programs of this machine can be used: interpreters and agents. */
export const isHere = ({ target }: { target?: string | undefined }): boolean =>
  target === undefined || target === 'local';

/** A workspace as AWS knows it: by a hash, since paths say more than need be. */
function tenantOf(folder: string): string {
  const path = resolve(folder);
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // The command says what is wrong with it.
  }
  return createHash('sha256').update(real).digest('hex').slice(0, 32);
}
