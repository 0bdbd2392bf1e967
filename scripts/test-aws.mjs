// npm run test:aws: deploys the backend to a real AWS account, tests it there, and removes it. See --help.
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { machinePath, run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { root } from './setup/project.mjs';

const help = `OFFLOAD_TEST_AWS_PROFILE=P npm run test:aws -- [--grep TEXT]

Deploys the backend to the account of a profile of your AWS configuration, under a name that nothing has, runs the tests
of a target there, and removes it all again, also when it is interrupted. It takes about half an hour and costs less
than a dollar. The profile has to have what "offload policy deploy --stack 'offload-test-*'" prints.

  OFFLOAD_TEST_AWS_PROFILE  the profile; without it nothing is done, and that is no failure
  OFFLOAD_TEST_AWS_REGION   the region, where it is not the profile's
  OFFLOAD_TEST_AWS_STACK    the stack's name, which has to begin with offload-test-, instead of a random one
`;

await main(async () => {
  if (process.argv.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  if ((process.env.OFFLOAD_TEST_AWS_PROFILE ?? '').trim() === '') {
    console.log(
      'skipped: OFFLOAD_TEST_AWS_PROFILE is not set: a profile of your AWS configuration, whose account the backend is\n' +
        'deployed to for about half an hour, for less than a dollar\n0 passed, 0 failed, 1 skipped',
    );
    return 0;
  }
  await ensureDependencies();
  await build();
  return run(node24().path, [join(root, 'test', 'aws', 'main.ts'), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, PATH: machinePath() },
  });
});
