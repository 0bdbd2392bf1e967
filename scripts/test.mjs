// npm test: installs what is missing, builds, and runs the tests. See `npm test -- --help`.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { testAgents } from './setup/agents.mjs';
import { build, packageExtension } from './setup/build.mjs';
import { machinePath, run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { prepareImage } from './setup/image.mjs';
import { main } from './setup/main.mjs';
import { prepareMoto } from './setup/moto.mjs';
import { node24 } from './setup/node24.mjs';
import { root } from './setup/project.mjs';
import {
  browserPackages,
  editorPackages,
  ensurePackages,
  imagePackages,
  motoPackages,
  sandboxPackages,
} from './setup/system-packages.mjs';
import { testEditor } from './setup/test-editor.mjs';
import { testLambda } from './setup/test-lambda.mjs';

const help = `npm test -- [TIER…] [--grep TEXT]

Installs what is missing, builds, and runs the tests of the tiers, all of them by default:
  unit       single parts
  contract   every target against one set of expectations
  image      the image of the backend, built and run as AWS Lambda runs it
  e2e        the command line, and the editor as a person uses it
  host       inside the editor's extension host
only when asked for by name:
  live       tasks with a real model; needs OFFLOAD_TEST_ANTHROPIC_KEY, and costs a few cents
by commands of their own:
  desktop    the tests of host in desktop VS Code (npm run test:desktop)
  aws        what is deployed to a real account (npm run test:aws)
--grep TEXT  only tests whose full title matches this regular expression

The last line is "N passed, M failed, K skipped". The exit code is 0 when there were tests and none failed. With
OFFLOAD_TEST_ALL=1, a test that is skipped because what it needs could not be set up has failed.
`;

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  await ensureDependencies();
  const withEditor = ran(positionals, ['e2e', 'host']);
  const withImage = ran(positionals, ['contract', 'image', 'e2e']);
  const withMoto = ran(positionals, ['contract']);
  const missing = await ensurePackages([
    ...sandboxPackages,
    ...(withEditor ? [...editorPackages, ...browserPackages] : []),
    ...(withImage ? imagePackages : []),
    ...(withMoto ? motoPackages : []),
  ]);
  // Both are made while the rest is set up, and while the first tests run.
  const finishImage = withImage
    ? prepareImage(imagePackages.filter((name) => missing.includes(name)))
    : undefined;
  const finishMoto = withMoto ? prepareMoto() : undefined;
  const editor = withEditor ? await testEditor(missing) : {};
  const agents = needsAgents(positionals) ? await testAgents() : {};
  const lambda = ran(positionals, ['contract', 'e2e', 'host']) ? await testLambda() : {};
  if (editor.OFFLOAD_TEST_EDITOR !== undefined) {
    editor.OFFLOAD_TEST_VSIX = join(root, '.cache', 'offload.vsix');
    await packageExtension(editor.OFFLOAD_TEST_VSIX);
  }
  // After packaging, which leaves its own, minified build behind.
  await build();
  const later = Promise.all([finishImage?.(), finishMoto?.()]).then((made) => Object.assign({}, ...made));
  return run(node24().path, [join(root, 'test', 'run.ts'), '--later', ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, PATH: machinePath(), ...editor, ...agents, ...lambda },
    later,
  });
});

/** Whether one of the tiers is run when those named are; all are when none is named. */
function ran(named, tiers) {
  return named.length === 0 || named.some((tier) => tiers.includes(tier));
}

/** Whether agents are driven; live, only where there is a key to drive them with. */
function needsAgents(named) {
  const live = named.includes('live') && process.env.OFFLOAD_TEST_ANTHROPIC_KEY !== undefined;
  return live || ran(named, ['unit', 'contract', 'e2e', 'host']);
}
