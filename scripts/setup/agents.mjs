import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from './cached-install.mjs';
import { output } from './command.mjs';
import { node24 } from './node24.mjs';
import { npm } from './npm.mjs';
import { orReason } from './or-reason.mjs';
import { SetupError, cacheFolder, root, say } from './project.mjs';

const manifests = ['package.json', 'package-lock.json'];

const kind = `${process.platform}-${process.arch}`;
const ending = process.platform === 'win32' ? '.exe' : '';

/**
 * Where npm puts each agent's native program. Claude Code has one for each C library; opencode's comes for one platform,
 * in the build that every such processor runs.
 */
const places = {
  OFFLOAD_TEST_CLAUDE: ['', '-musl'].map(
    (library) => `@anthropic-ai/claude-code-${kind}${library}/claude${ending}`,
  ),
  OFFLOAD_TEST_OPENCODE: [`opencode-${kind}-baseline/bin/opencode${ending}`],
};

/**
 * The variables that tell the tests where the agents' native programs are (OFFLOAD_TEST_CLAUDE, OFFLOAD_TEST_OPENCODE),
 * which are installed when they are missing. OFFLOAD_TEST_NO_AGENTS says why one is not there, or both;
 * OFFLOAD_TEST_FAILED_AGENTS too.
 */
export function testAgents() {
  return orReason('AGENTS', async () => {
    const folder = await cachedInstall('agents', agentsKey(), installAgents);
    const programs = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8'));
    const paths = Object.entries(programs).map(([variable, place]) => [variable, join(folder, place)]);
    const missing = Object.keys(places).filter((variable) => programs[variable] === undefined);
    if (missing.length > 0) {
      const what = `the test agents have no program for ${kind} that runs (${missing.join(', ')})`;
      paths.push(['OFFLOAD_TEST_NO_AGENTS', what], ['OFFLOAD_TEST_FAILED_AGENTS', what]);
    }
    return Object.fromEntries(paths);
  });
}

/** What the install depends on: the locked packages, and the platform that npm takes the programs of. */
function agentsKey() {
  const hash = createHash('sha256');
  for (const name of manifests) hash.update(readFileSync(join(root, 'test', 'agents', name)));
  hash.update(kind);
  return hash.digest('hex').slice(0, 16);
}

async function installAgents(folder) {
  say('installing the agents that the tests drive: about 560 MB, once for all clones');
  for (const name of manifests) copyFileSync(join(root, 'test', 'agents', name), join(folder, name));
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), 'agents-install.log');
  rmSync(log, { force: true });
  // Their scripts do no more than copy the programs, which are used from where npm puts them.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  if ((await npm(args, { node: node24().path, cwd: folder, log })) !== 0) {
    throw new SetupError(`the agents could not be installed (npm ci failed; see ${log})`);
  }
  const programs = {};
  for (const [variable, candidates] of Object.entries(places)) {
    programs[variable] = await firstThatRuns(folder, candidates);
  }
  writeFileSync(join(folder, 'programs.json'), `${JSON.stringify(programs, undefined, 2)}\n`);
}

/** The first place whose program prints its version; in a home of its own, since some write there even so. */
async function firstThatRuns(folder, candidates) {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  try {
    for (const candidate of candidates) {
      const place = join('node_modules', candidate);
      if (!existsSync(join(folder, place))) continue;
      const env = { HOME: home, PATH: '/usr/bin:/bin' };
      if ((await output(join(folder, place), ['--version'], { cwd: home, env })) !== undefined) return place;
    }
    return undefined;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
