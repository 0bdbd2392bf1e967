// npm run bench: measures Offload beside the least that its work can cost. See `npm run bench -- --help`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { testAgents } from './setup/agents.mjs';
import { build, packageExtension } from './setup/build.mjs';
import { machinePath, run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { orReason } from './setup/or-reason.mjs';
import { root } from './setup/project.mjs';
import {
  browserPackages,
  editorPackages,
  ensurePackages,
  sandboxPackages,
} from './setup/system-packages.mjs';
import { testEditor } from './setup/test-editor.mjs';
import { testLambda } from './setup/test-lambda.mjs';

const help = `npm run bench -- [ROW…] [--rounds N]

Installs what is missing, builds, and measures the rows, all of them by default:
  one-shot         a small Python program, beside bare bubblewrap
  sandbox-runtime  the same, beside the library @anthropic-ai/sandbox-runtime
  first-output     from submit to the first output, beside a plain process
  throughput       100 MB of output and the memory it takes, beside a plain pipe
  stalled-reader   the memory that a reader takes who stalls in the middle of 100 MB
  cancel           from cancel until no process of the program is left
  snapshot         a workspace of 10,000 files, beside tar, and after one change beside git status
  secret-scan      the search for secrets in it, the first and after one change
  upload           bringing it to the local backend, beside cp -r
  relay            an event of a model's answer by the relay, beside straight from the model
  task             a task of three turns, beside the agent's own command line
  tasks-at-once    eight tasks at once, and the memory that each takes
  lambda           a program on the deployed backend, beside a bare streaming function behind the same endpoint
  lambda-init      what a cold start of its functions takes, beside that of a bare one
  lambda-cancel    from a cancel to the terminal event of a program there
  lambda-input     from a message to the event that says that a task there has it
  deploy           what a deploy that changes nothing writes to the account
  activation       the extension's activation, beside an empty extension's
  sizes            the entry bundle and the package
--rounds N  rounds that count, instead of each row's own number

Both sides of a row are measured in turn. The table comes last, in Markdown. The exit code is 0 whatever the
figures are; it is 1 when a row could not be measured for another reason than that something is not there.
`;

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const wanted = (...rows) => positionals.length === 0 || rows.some((row) => positionals.includes(row));
  await ensureDependencies();
  const withEditor = wanted('activation');
  const withAgents = wanted('task', 'tasks-at-once', 'lambda-input');
  const missing = await ensurePackages([
    ...sandboxPackages,
    ...(withEditor ? [...editorPackages, ...browserPackages] : []),
  ]);
  const environment = {
    ...(withEditor ? await testEditor(missing) : {}),
    ...(withAgents ? await testAgents() : {}),
    ...(wanted('lambda', 'lambda-init', 'lambda-cancel', 'lambda-input') ? await testLambda() : {}),
    ...(wanted('activation', 'sizes') ? await packaged() : {}),
  };
  // What is measured is what is shipped, whichever rows are asked for. Packaging builds it as well.
  if (environment.OFFLOAD_TEST_VSIX === undefined) await build('--minify');
  return run(node24().path, [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, PATH: machinePath(), ...environment },
  });
});

/** The variable that tells the rows where the package is, or why there is none. */
async function packaged() {
  return orReason('VSIX', async () => {
    const file = join(root, '.cache', 'bench', 'offload.vsix');
    mkdirSync(join(root, '.cache', 'bench'), { recursive: true });
    await packageExtension(file);
    return { OFFLOAD_TEST_VSIX: file };
  });
}
