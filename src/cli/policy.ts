import { policyText } from '../core/deploy/policies.ts';
import { stackOf } from './aws-options.ts';
import type { Command } from './command.ts';
import { parse, Usage } from './usage.ts';

export const policyCommand: Command = {
  name: 'policy',
  summary: 'print the AWS permissions that deploying, or running there, needs',
  help: `usage: offload policy deploy|use [--stack NAME]

Prints an IAM policy as JSON: what whoever deploys needs, or what whoever runs code and tasks there needs, and no more.

  --stack NAME  the name of the backend's stack (offload)
  --help        this text
`,
  run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: { stack: { type: 'string' } },
    });
    const [name, ...others] = positionals;
    if ((name !== 'deploy' && name !== 'use') || others.length > 0) {
      throw new Usage('policy takes "deploy" or "use"');
    }
    process.stdout.write(policyText(name, stackOf(values)));
    return Promise.resolve(0);
  },
};
