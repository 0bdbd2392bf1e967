import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AwsClients } from '../../../src/core/aws/clients.ts';
import { deploy, type DeployEvent, type DeployInput } from '../../../src/core/deploy/deploy.ts';
import type { Deployment } from '../../../src/core/deploy/deployment.ts';
import { destroy } from '../../../src/core/deploy/destroy.ts';
import { parseBackendOptions } from '../../../src/core/deploy/options.ts';
import { readBackendSource, type BackendSource } from '../../../src/core/deploy/source.ts';
import type { StepEvent } from '../../../src/core/deploy/steps.ts';
import { ERROR_KINDS, OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';
import { ENVIRONMENT, setEnvironment } from './environment.ts';
import { FakeAws, type FakeAwsOptions } from './fake-aws.ts';

export { ENVIRONMENT, setEnvironment };

const backend = fileURLToPath(new URL('../../../backend', import.meta.url));

/** As soon as it answers: the fakes take no time. */
export const AT_ONCE = { first: 1, most: 4 };

/** An account of AWS's, a machine's state folder and a backend, for one test. */
export interface Deploying {
  aws: FakeAws;
  clients: AwsClients;
  state: string;
  /** Makes a backend of its own; other text is another version. */
  source: (text?: string) => Promise<BackendSource>;
  /** What a deploy takes. */
  input: (options?: object, more?: Partial<DeployInput>) => Promise<DeployInput>;
  /** Deploys, and gives all that was told. */
  deploy: (
    options?: object,
    more?: Partial<DeployInput>,
  ) => Promise<{ events: DeployEvent[]; deployment: Deployment }>;
  destroy: (typed?: string) => Promise<StepEvent[]>;
}

/** Gives each test of a suite an account of its own. */
export function withAccount(options: FakeAwsOptions = {}): () => Deploying {
  let current: (Deploying & { dispose(): Promise<void> }) | undefined;
  beforeEach(async () => {
    current = await setUp(options);
  });
  afterEach(async () => {
    await current?.dispose();
    current = undefined;
  });
  return () => {
    assert(current, 'The account is there in tests and hooks only.');
    return current;
  };
}

/** An account of its own, which whoever asks for it disposes of. */
export async function setUp(options: FakeAwsOptions = {}): Promise<Deploying & { dispose(): Promise<void> }> {
  const aws = await FakeAws.start(options);
  aws.functions.answer = () => ENVIRONMENT;
  const restore = setEnvironment(aws.env);
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
  const state = join(folder, 'state');
  const clients = await AwsClients.open();
  const source = async (text = 'first'): Promise<BackendSource> => {
    // One for each call: several may be under way.
    const made = mkdtempSync(join(folder, 'backend-'));
    writeBackend(made, text);
    return readBackendSource(made);
  };
  const input = async (backendOptions = {}, more = {}): Promise<DeployInput> => ({
    aws: clients,
    source: await source(),
    options: parseBackendOptions(backendOptions),
    state,
    pace: AT_ONCE,
    ...more,
  });
  return {
    aws,
    clients,
    state,
    source,
    input,
    deploy: async (backendOptions = {}, more = {}) => {
      const events: DeployEvent[] = [];
      for await (const event of deploy(await input(backendOptions, more))) events.push(event);
      const last = events.at(-1);
      assert(last?.type === 'deployed');
      return { events, deployment: last.deployment };
    },
    destroy: async (typed = 'offload') => {
      const events: StepEvent[] = [];
      for await (const event of destroy({ aws: clients, stack: 'offload', typed, state, pace: AT_ONCE }))
        events.push(event);
      return events;
    },
    dispose: async () => {
      clients.dispose();
      restore();
      await aws.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A folder as `npm run build` makes it, with the real template. */
function writeBackend(folder: string, text: string): void {
  mkdirSync(join(folder, 'image'), { recursive: true });
  for (const name of ['template.yaml', 'Dockerfile', 'buildspec.yaml'])
    cpSync(join(backend, name), join(folder, name));
  writeFileSync(join(folder, 'image', 'entry.sh'), '#!/bin/sh\n');
  writeFileSync(join(folder, 'control.mjs'), `// ${text}\n`);
  const files = ['Dockerfile', 'buildspec.yaml', 'control.mjs', 'image/entry.sh', 'template.yaml'];
  writeFileSync(join(folder, 'build.json'), JSON.stringify({ build: '1.0.0-test', files }));
}

/** The error of ours that something ends with. */
export async function failing(work: Promise<unknown>, code: ErrorCode): Promise<OffloadError> {
  let thrown: unknown;
  await work.catch((error: unknown) => (thrown = error));
  assert(thrown instanceof OffloadError, `it ended with ${String(thrown)}`);
  assert.equal(thrown.code, code, thrown.message);
  assert(Object.hasOwn(ERROR_KINDS, thrown.code));
  return thrown;
}

/** How each step of the top ended. */
export const outcomes = (events: readonly DeployEvent[]): Record<string, string> =>
  Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'step' && event.parent === undefined ? [[event.id, event.state]] : [],
    ),
  );

/** Resolves once CodeBuild is asked to start a build. */
export const buildStarted = (aws: FakeAws): Promise<void> =>
  new Promise((resolve) => {
    aws.account.before('codebuild:StartBuild', resolve);
  });
