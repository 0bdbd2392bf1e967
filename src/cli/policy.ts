import { policyJson, roleGrant } from '../core/aws/role/grant.ts';
import { PURPOSES } from '../core/aws/role/purpose.ts';
import { partitionOf } from '../core/aws/role/role-arn.ts';
import { DEFAULT_STACK } from '../core/deploy/deployment.ts';
import { policyText, STACK_PATTERN } from '../core/deploy/policies.ts';
import type { Command } from './command.ts';
import { say, severalLines } from './say.ts';
import { parse, Usage } from './usage.ts';

/** Where a purpose is shown for, where nothing is said: names that AWS's own documentation uses. */
const EXAMPLE = { role: 'arn:aws:iam::111122223333:role/example', region: 'us-east-1' };

export const policyCommand: Command = {
  name: 'policy',
  summary: 'print the AWS permissions that deploying, running there, or a task with a role needs',
  help: `usage: offload policy deploy|use [--stack NAME] [--region R]
       offload policy purposes
       offload policy show PURPOSE [--role ARN] [--region R]

Prints an IAM policy as JSON: what whoever deploys needs, or what whoever runs code and tasks there needs, and no more.

"purposes" lists what a role can be given to a task for (offload task --role ARN --purpose P), and "show" prints what
the session of the role is held to then. It gives nothing that the role itself does not allow.

  --stack NAME  the name of the backend's stack (offload), or the beginning of several: 'offload-test-*'
  --role ARN    show it for this role: its account and its part of AWS (${EXAMPLE.role})
  --region R    show it for this region (${EXAMPLE.region}); of a policy to deploy or to use, for its part of AWS
  --help        this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: { stack: { type: 'string' }, role: { type: 'string' }, region: { type: 'string' } },
    });
    const [name, purpose, ...others] = positionals;
    if (name === 'show' && purpose !== undefined && others.length === 0) {
      const { role = EXAMPLE.role, region = EXAMPLE.region } = values;
      const grant = await roleGrant(role, purpose, region);
      process.stdout.write(severalLines(policyJson(grant.policy)));
      say(`hosts: ${grant.hosts.join(', ')}`);
    } else if (name === 'purposes' && purpose === undefined) {
      process.stdout.write(PURPOSES.map(purposeLines).join(''));
    } else if ((name === 'deploy' || name === 'use') && purpose === undefined) {
      const { region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '' } = values;
      process.stdout.write(policyText(name, stacksOf(values.stack), partitionOf(region)));
    } else throw new Usage('policy takes "deploy" or "use", "purposes", or "show" with a purpose');
    return 0;
  },
};

/** @throws Usage */
function stacksOf(stack = DEFAULT_STACK): string {
  if (STACK_PATTERN.test(stack)) return stack;
  throw new Usage(
    '--stack takes a name of small letters, digits and hyphens, 38 at most, or the beginning of several and a star',
  );
}

function purposeLines({ name, takes, means, example }: (typeof PURPOSES)[number]): string {
  const written = takes === undefined ? name : `${name}:${takes}`;
  return `${written}\n  ${means}\n${takes === undefined ? '' : `  for example ${example}\n`}`;
}
