import { ssoLogin } from '../core/aws/sso-login.ts';
import type { Command } from './command.ts';
import { oneLine, say } from './say.ts';
import { INTERRUPTED_EXIT, stopSignal } from './stopping.ts';
import { parse, Usage } from './usage.ts';

export const loginCommand: Command = {
  name: 'login',
  summary: 'log in to AWS by IAM Identity Center (SSO)',
  help: `usage: offload login [--profile P]

Logs a profile of ~/.aws/config in to IAM Identity Center: writes an address to open in a browser, and waits until you
have confirmed there. The AWS CLI and other programs are logged in by it too.

  --profile P   the profile; AWS_PROFILE's, or "default", without it
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: { profile: { type: 'string' } },
    });
    if (positionals.length > 0) throw new Usage('login takes options only');
    const profile = values.profile ?? process.env['AWS_PROFILE'] ?? 'default';
    const signal = stopSignal();
    try {
      await ssoLogin({
        profile,
        signal,
        show: ({ url, code }) => {
          say(`Open this address, and confirm that it shows the code ${code}:`);
          process.stdout.write(oneLine(url) + '\n');
        },
      });
    } catch (error) {
      if (signal.aborted) return INTERRUPTED_EXIT;
      throw error;
    }
    say(`logged in: ${profile}`);
    return 0;
  },
};
