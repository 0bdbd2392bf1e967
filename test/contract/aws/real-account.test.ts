import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killTree } from '../../../src/core/kill-tree.ts';
import { functionNotFound } from '../../../src/core/lambda-local/service-error.ts';
import { readStack } from '../../../src/core/deploy/stack.ts';
import { whatIsLeft } from '../../aws/what-is-left.ts';
import { withAccount } from '../../support/aws/deploying.ts';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import { findRuntime } from '../../support/lambda/find-runtime.ts';
import { skip } from '../../support/reporting/skip.ts';
import { startDeployed, type DeployedTestTarget } from '../../support/target/deployed-target.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const STACK = 'offload-test-made-up';

describe('the test of a real account, tried on an account that is none', () => {
  let aws: FakeAws;
  let lambda: DeployedTestTarget;
  let home: string;
  let begun: (() => unknown)[];

  beforeEach(async function () {
    begun = [];
    const runtime = await findRuntime();
    if ('missing' in runtime) skip(this, runtime.missing);
    aws = await FakeAws.start({ region: 'us-east-1' });
    begun.push(() => aws.dispose());
    aws.cloudformation.pace = 100;
    lambda = await startDeployed({ stack: STACK });
    begun.push(() => lambda.dispose());
    // They are there as long as the stack has them.
    lambda.endpoint.onCall = (name) =>
      aws.functions.deployed.has(name) ? undefined : functionNotFound(name);
    home = mkdtempSync(join(tmpdir(), 'home-'));
    begun.push(() => {
      rmSync(home, { recursive: true, force: true });
    });
    mkdirSync(join(home, '.aws'));
    const { accessKeyId, secretAccessKey } = MADE_UP;
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    writeFileSync(join(home, '.aws', 'credentials'), `[tried]\n${keys}`);
  });
  afterEach(async () => {
    for (const end of begun.reverse()) await end();
  });

  /** Runs it to its end; `onText` is told of what it has written so far. */
  async function tried(
    onText: (text: string, stop: () => void) => void = () => undefined,
  ): Promise<{ code: unknown; text: string }> {
    const child = spawn(
      process.execPath,
      [inRoot('test/aws/main.ts'), '--grep', 'brings standard output|in a real account.*exit code'],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          AWS_ENDPOINT_URL: aws.endpoint,
          AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint.endpoint,
          OFFLOAD_TEST_AWS_PROFILE: 'tried',
          OFFLOAD_TEST_AWS_REGION: 'us-east-1',
          OFFLOAD_TEST_AWS_STACK: STACK,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    const closed = new Promise((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    // Should the test's time be over before it has ended.
    begun.push(async () => {
      if (child.exitCode === null && child.pid !== undefined) killTree(child.pid);
      await closed.catch(() => undefined);
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        onText(text, () => child.kill('SIGINT'));
      });
    return { code: await closed, text };
  }

  const nothingIsLeft = (): void => {
    assert.equal(aws.cloudformation.stack(STACK), undefined);
    assert.deepEqual([aws.s3.buckets.size, aws.secrets.texts.size, aws.ecr.repositories.size], [0, 0, 0]);
  };

  it('deploys, tests, looks at it, removes it, and sees what is left', async () => {
    const { code, text } = await tried();
    assert.match(text, /\n[1-9]\d* passed, 0 failed, 0 skipped/, text);
    assert.doesNotMatch(text, /^failed/m, text);
    assert.equal(code, 0);
    nothingIsLeft();
  });

  it('removes what was made when it is interrupted', async () => {
    let stopped = false;
    const { code, text } = await tried((written, stop) => {
      if (stopped || !written.includes('Upload the backend')) return;
      stopped = true;
      stop();
    });
    assert.equal(code, 130, text);
    assert.match(text, /stopped: removes what was made/);
    assert.equal(aws.cloudformation.stacks.length, 1);
    nothingIsLeft();
  });
});

describe('what is left of a backend', () => {
  const account = withAccount();

  it('is all of it before it is removed, and nothing after', async () => {
    const { clients, deploy, destroy } = account();
    await deploy();
    const made = await readStack({ aws: clients, signal: new AbortController().signal }, 'offload');
    const left = (): Promise<string[]> => whatIsLeft(clients, '123456789012', 'offload', made);
    const { Bucket, Repository, SecretArn } = made?.outputs ?? {};
    assert.deepEqual(await left(), [
      'the stack offload',
      ...[Bucket, Repository, SecretArn, 'offload-control', 'offload-runner'],
      ...['control', 'runner', 'build'].map((log) => `/offload/offload/${log}`),
    ]);
    await destroy();
    assert.deepEqual(await left(), []);
  });
});
