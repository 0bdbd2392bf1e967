import { asAwsError } from '../core/aws/aws-error.ts';
import type { AwsClients } from '../core/aws/clients.ts';
import { awsIdentity } from '../core/aws/identity.ts';
import { destroy, WHAT_STAYS } from '../core/deploy/destroy.ts';
import { deploymentsFor } from '../core/deploy/deployment.ts';
import { localFolders } from '../core/local/folders.ts';
import { askLine } from './ask-line.ts';
import { AWS_OPTIONS, DEPLOYED_HELP, openDeployed } from './aws-options.ts';
import type { Command } from './command.ts';
import { say } from './say.ts';
import { StepLines } from './step-lines.ts';
import { INTERRUPTED_EXIT, stopSignal } from './stopping.ts';
import { parse, Usage } from './usage.ts';

export const destroyCommand: Command = {
  name: 'destroy',
  summary: 'remove the backend from your AWS account, with all that it holds',
  help: `usage: offload destroy [--profile P] [--region R] [--stack NAME] [--confirm NAME]

Removes the backend's stack with all that it holds: runs and their files, logs, the image, the keys of the model. It
asks for the stack's name, to be typed as it is.

${DEPLOYED_HELP}
  --confirm NAME  the stack's name, typed beforehand
  --json        write what happens as lines of JSON
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: { ...AWS_OPTIONS, confirm: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    if (positionals.length > 0) throw new Usage('destroy takes options only');
    const { aws, stack } = await openDeployed(values);
    const signal = stopSignal();
    try {
      const { account } = await awsIdentity(aws, signal).catch((error: unknown) => {
        throw asAwsError(error, aws);
      });
      const meant =
        values.confirm === undefined
          ? { typed: await typedName(aws, stack, account, signal), account }
          : { typed: values.confirm, account: await accountMeant(aws, stack, account) };
      const lines = new StepLines((line) => process.stdout.write(line), { logs: false });
      for await (const event of destroy({ aws, stack, ...meant, state: localFolders().state, signal })) {
        if (values.json) process.stdout.write(JSON.stringify(event) + '\n');
        else lines.tell(event);
      }
      say(WHAT_STAYS);
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

async function typedName(
  { region }: AwsClients,
  stack: string,
  account: string,
  signal: AbortSignal,
): Promise<string> {
  const where = `the stack ${stack} in ${region}, account ${account},`;
  return (
    (await askLine(`This removes ${where} with all that it holds. Type its name: `, signal))?.trim() ?? ''
  );
}

/**
 * The account that is meant where nobody is shown it: one that this machine knows the backend in, by this profile. The
 * profile, or what stands for none, may have become another account's since.
 * @param now the account of the credentials
 */
async function accountMeant({ region, profile }: AwsClients, stack: string, now: string): Promise<string> {
  const known = await deploymentsFor(localFolders().state, { stack, region });
  const accounts = known.filter((each) => each.profile === profile).map(({ account }) => account);
  return accounts.includes(now) ? now : (accounts[0] ?? now);
}
