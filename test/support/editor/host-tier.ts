import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { appendResult } from '../reporting/result.ts';
import { bundleHostTests, hostEntry, hostTest } from './host-bundle.ts';
import { freshWorkspace, hostSuites, type HostSuite } from './host-suite.ts';
import { runInDesktop } from './in-desktop.ts';
import { runInHost, type InHostOptions } from './in-host.ts';
import { editorTools } from './tools.ts';

// The process of the tier whose tests run in the editor's extension host:
// host-tier.ts [--desktop] --results FILE [--grep TEXT] [--colors] TEST_FILE…
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    results: { type: 'string', default: '' },
    grep: { type: 'string', default: '' },
    colors: { type: 'boolean', default: false },
    desktop: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('../../../', import.meta.url));
// Not below dist, which tests of other tiers copy meanwhile.
const bundles = join(root, '.cache', 'test', 'host');

/** Why these tests cannot run here, or undefined. */
function obstacle(): string | undefined {
  if (values.desktop) return desktop() === '' ? 'there is no desktop VS Code here' : undefined;
  const tools = editorTools();
  return 'missing' in tools ? tools.missing : undefined;
}

const desktop = () => process.env['OFFLOAD_TEST_VSCODE'] ?? '';

const reason = obstacle();
if (reason === undefined) {
  await bundleHostTests(positionals, bundles);
  for (const suite of await hostSuites(positionals)) await runSuite(suite);
} else {
  appendResult(values.results, { type: 'skip', title: values.desktop ? 'desktop' : 'host', reason });
}
appendResult(values.results, { type: 'end' });

async function runSuite(suite: HostSuite): Promise<void> {
  const workspace = freshWorkspace(root, suite.options);
  if (values.desktop && suite.options.untrusted === true) {
    const reason = 'the test runner of desktop VS Code trusts every workspace';
    appendResult(values.results, { type: 'skip', title: suite.name, reason });
    return;
  }
  const options: InHostOptions = {
    extension: root,
    tests: hostEntry(bundles),
    workspace,
    settings: suite.options.settings ?? {},
    trust: suite.options.untrusted === true,
    run: {
      files: suite.files.map((file) => hostTest(bundles, file)),
      grep: values.grep,
      results: `${values.results}.${suite.name}`,
      colors: values.colors,
    },
    onResult: (result) => {
      if (result.type === 'print') console.log(result.text);
      else appendResult(values.results, result);
    },
  };
  const problem = await (values.desktop ? runInDesktop(desktop(), options) : runInHost(options));
  if (problem === undefined) return;
  console.log(`\n  ${suite.name}: ${problem}`);
  appendResult(values.results, { type: 'fail', title: suite.name, message: problem });
}
