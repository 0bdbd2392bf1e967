import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AwsClients } from '../../src/core/aws/clients.ts';
import { awsIdentity } from '../../src/core/aws/identity.ts';
import { deploy } from '../../src/core/deploy/deploy.ts';
import type { Deployment } from '../../src/core/deploy/deployment.ts';
import { destroy } from '../../src/core/deploy/destroy.ts';
import { LOGS, backendLogs } from '../../src/core/deploy/logs.ts';
import { parseBackendOptions } from '../../src/core/deploy/options.ts';
import { readBackendSource } from '../../src/core/deploy/source.ts';
import { readStack } from '../../src/core/deploy/stack.ts';
import { backendStatus } from '../../src/core/deploy/status.ts';
import { whatIsLeft } from './what-is-left.ts';

// Behind scripts/test-aws.mjs: deploys, tests and removes a backend in the account of a profile.
const { values } = parseArgs({ options: { grep: { type: 'string', default: '' } } });
const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const variable = (name: string): string | undefined => {
  const value = process.env[name]?.trim() ?? '';
  return value === '' ? undefined : value;
};

const profile = variable('OFFLOAD_TEST_AWS_PROFILE');
const region = variable('OFFLOAD_TEST_AWS_REGION');
const stack = variable('OFFLOAD_TEST_AWS_STACK') ?? `offload-test-${randomBytes(4).toString('hex')}`;
if (profile === undefined || !stack.startsWith('offload-test-')) {
  console.error(
    'It needs OFFLOAD_TEST_AWS_PROFILE, and a stack whose name begins with offload-test-: it is removed at the end.',
  );
  process.exit(2);
}

/** What was begun is removed in any case; only the way there is cut short. */
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    console.log(stop.signal.aborted ? 'It is being removed; please wait.' : 'stopped: removes what was made');
    stop.abort(new Error('It was stopped.'));
  });
}

const state = mkdtempSync(join(tmpdir(), 'offload-test-aws-'));
const aws = await AwsClients.open({ profile, region });
const failures: string[] = [];
const attempt = async (what: string, body: () => Promise<void>): Promise<void> => {
  console.log(`\n${what}`);
  try {
    await body();
  } catch (error) {
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    console.error(error);
  }
};

try {
  const { account, arn } = await awsIdentity(aws, stop.signal);
  console.log(`${stack} in ${aws.region} of account ${account}, as ${arn}`);
  if ((await readStack({ aws, signal: stop.signal }, stack)) !== undefined)
    throw new Error(`There is a stack ${stack} already.`);
  let made: Awaited<ReturnType<typeof readStack>>;
  try {
    await attempt('deploys, and the same again, which changes nothing', async () => {
      const deployment = await deployed();
      await deployed('skipped');
      made = await readStack({ aws, signal: stop.signal }, stack);
      await attempt('tests', () => suite(deployment));
      await attempt('reads how it stands, and its logs', looksAtIt);
    });
  } finally {
    await attempt('removes it', async () => {
      for await (const event of destroy({ aws, stack, typed: stack, state }))
        if (event.state === 'failed') console.log(`${event.title}: ${event.detail ?? ''}`);
    });
    await attempt('looks for what is left', async () => {
      const left = await whatIsLeft(aws, account, stack, made);
      if (left.length > 0) throw new Error(`left in the account: ${left.join(', ')}`);
    });
  }
} finally {
  aws.dispose();
  rmSync(state, { recursive: true, force: true });
}
for (const failure of failures) console.log(`failed: ${failure}`);
process.exitCode = stop.signal.aborted ? 130 : failures.length > 0 ? 1 : 0;

/** @param functions what the step of that name has to end as, where that is known */
async function deployed(functions?: 'skipped'): Promise<Deployment> {
  const source = await readBackendSource(inRoot('dist/backend'));
  const options = parseBackendOptions({ stack, logDays: 1, expireDays: 1 });
  let deployment: Deployment | undefined;
  for await (const event of deploy({ aws, source, options, state, signal: stop.signal })) {
    if (event.type === 'deployed') deployment = event.deployment;
    else if (event.state === 'done' || event.state === 'skipped') {
      console.log(`  ${event.state} ${event.title} (${String(event.seconds)} s)`);
      if (event.id === 'functions' && functions !== undefined && event.state !== functions)
        throw new Error('A deploy of the same changed the functions.');
    }
  }
  if (deployment === undefined) throw new Error('The deploy ended without a deployment.');
  return deployment;
}

/** The tests of a target there, in a process of their own. */
async function suite(deployment: Deployment): Promise<void> {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'));
  const env = {
    ...process.env,
    OFFLOAD_TEST_AWS_DEPLOYMENT: JSON.stringify(deployment),
    // The tests have a home of their own, where no profile is.
    OFFLOAD_TEST_AWS_ENVIRONMENT: JSON.stringify({ HOME: homedir(), ...Object.fromEntries(own) }),
  };
  const child = spawn(process.execPath, [inRoot('test/run.ts'), 'aws', '--grep', values.grep], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = (): void => void child.kill('SIGTERM');
  stop.signal.addEventListener('abort', end, { once: true });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  stop.signal.throwIfAborted();
  if (code !== 0) throw new Error('not all tests passed');
}

async function looksAtIt(): Promise<void> {
  const source = await readBackendSource(inRoot('dist/backend'));
  const { condition, version } = await backendStatus({ aws, stack, source, signal: stop.signal });
  if (condition !== 'ready' || version !== 'same') throw new Error(`it is ${condition}, ${version}`);
  let lines = 0;
  const input = { aws, stack, logs: LOGS, since: 0, follow: false, signal: stop.signal };
  for await (const { text } of backendLogs(input)) lines += text === '' ? 0 : 1;
  if (lines === 0) throw new Error('its logs are empty');
  console.log(`  ${condition}, ${String(lines)} lines of logs`);
}
