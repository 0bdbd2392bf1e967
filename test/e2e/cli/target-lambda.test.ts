import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosenDeployment, removeDeployment, writeDeployment } from '../../../src/core/deploy/deployment.ts';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import { installation } from '../../support/cli/installation.ts';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';
import { messagesApi, type MessagesApi } from '../../support/messages-api/server.ts';
import { say, use } from '../../support/messages-api/turn.ts';
import { deployedTarget, type DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { MADE_UP_KEY } from '../../support/task/task-target.ts';

describe('offload --target lambda', () => {
  const cli = installation();
  let api: MessagesApi | undefined;
  let started: DeployedTestTarget | undefined;

  before(async function () {
    const program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    api = await messagesApi({
      key: MADE_UP_KEY,
      turns: [
        use('Bash', { command: 'cat README.md > made.txt', description: 'makes it' }),
        say('I made it.'),
      ],
    });
    started = await deployedTarget(this, {
      secret: { ANTHROPIC_API_KEY: MADE_UP_KEY, ANTHROPIC_BASE_URL: api.url },
      runnerEnv: { OFFLOAD_AGENT_PROGRAM: program },
    });
    const { endpoint, control, runner } = started;
    const { credentials, region } = endpoint;
    Object.assign(cli().env, {
      AWS_ENDPOINT_URL: endpoint.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    await writeDeployment(join(cli().folder, 's', 'offload'), {
      ...MADE_UP_DEPLOYMENT,
      region,
      controlFunction: control,
      runnerFunction: runner,
      deployedAt: 2,
    });
  });
  after(async () => {
    await started?.dispose();
    await api?.close();
  });

  const idIn = (stdout: string): string => {
    const [first = ''] = stdout.split('\n', 1);
    return (JSON.parse(first) as { runId: string }).runId;
  };

  it('runs a file there, and brings back what it made', async () => {
    const code = `import sys\nopen('made.txt', 'w').write('made')\nprint('hello')\nsys.exit(3)`;
    const file = cli().file('job.py', code);
    const out = join(cli().work, 'out');
    const args = ['run', '--target', 'lambda', '--network', 'open', '--out', out, file];
    const { code: exitCode, stdout, stderr } = await cli().run(args);
    assert.deepEqual([exitCode, stdout], [3, 'hello\n'], stderr);
    assert.match(stderr, /\+ made\.txt \(4 bytes\)/);
    assert.match(stderr, /about \$0\.0\d+ on AWS, besides the model/);
    assert.match(stderr, /of another build.*"offload deploy"/);
  });

  it('follows a run again, lists it, and ends one', async () => {
    const file = cli().file('wait.sh', 'echo waits; sleep 600');
    const run = cli().start(['run', '--target=lambda', '--network=open', '--json', file]);
    let said = '';
    run.child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
    await run.shown('waits');
    const runId = idIn(said);
    const listed = await cli().run(['runs', '--target', 'lambda']);
    assert.match(listed.stdout, new RegExp(`${runId}  running`), listed.stderr);
    const cancelled = await cli().run(['cancel', '--target', 'lambda', runId]);
    assert.equal(cancelled.stdout, 'cancelled\n', cancelled.stderr);
    assert.equal((await run.ended).code, 130);
    const again = await cli().run(['attach', '--target', 'lambda', runId]);
    assert.deepEqual([again.code, again.stdout], [130, 'waits\n'], again.stderr);
  });

  it('has a task done there with a copy of a folder, by the key that was deployed', async () => {
    const root = join(cli().work, 'project');
    mkdirSync(root);
    writeFileSync(join(root, 'README.md'), 'Hello.\n');
    const args = ['task', '--target', 'lambda', '--network', 'open', '--workspace', root, 'Make it.'];
    const { code, stdout, stderr } = await cli().run(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /I made it\./);
    // It goes on in a fresh function where one is not enough.
    assert.doesNotMatch(stderr, /which is the longest there/);
    assert.match(stderr, /\+ made\.txt \(7 bytes\)/);
    assert.doesNotMatch(stderr, /offload reply/);
    const [listed = ''] = (await cli().run(['runs', '--target', 'lambda'])).stdout.split('\n', 1);
    const [runId = ''] = listed.split(' ', 1);
    const reply = await cli().run(['reply', '--target', 'lambda', '--network', 'open', runId, 'More.']);
    assert.equal(reply.code, 2, reply.stderr);
    assert.match(
      reply.stderr,
      /cannot be gone on with.*"offload task --target lambda --stack offload --region us-east-1"/,
    );
    const elsewhere = await cli().run(['reply', runId, 'More.']);
    assert.equal(elsewhere.code, 2, elsewhere.stderr);
    assert.match(elsewhere.stderr, /no run .*One on AWS is named with --target lambda/);
  });

  describe('with a role in AWS', () => {
    const given = ['--role', 'arn:aws:iam::123456789012:role/reader', '--purpose', 'cost', '--yes'];
    let aws: FakeAws;

    before(async () => {
      aws = await FakeAws.start();
      const { env, folder } = cli();
      mkdirSync(join(folder, 'h', '.aws'), { recursive: true });
      writeFileSync(
        join(folder, 'h', '.aws', 'config'),
        `[profile mine]\nregion = eu-west-1\naws_access_key_id = ${MADE_UP.accessKeyId}\naws_secret_access_key = ${MADE_UP.secretAccessKey}\n`,
      );
      env['AWS_ENDPOINT_URL_STS'] = aws.endpoint;
      // Of this machine's own model, which says nothing to a backend that has its own.
      Object.assign(env, { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'eu-west-1' });
    });
    after(async () => {
      for (const name of ['AWS_ENDPOINT_URL_STS', 'CLAUDE_CODE_USE_BEDROCK', 'AWS_REGION'])
        Reflect.deleteProperty(cli().env, name);
      await aws.dispose();
    });

    const assumed = (): number =>
      aws.account.calls.filter(({ operation }) => operation === 'sts:AssumeRole').length;

    it('has a task done in the time that one function has', async () => {
      const args = ['--network', 'open', ...given, '--role-profile', 'mine', 'Make it.'];
      const { code, stdout, stderr } = await cli().run(['task', '--target', 'lambda', ...args]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /I made it\./);
      assert.match(stderr, /the task has \d+ s, which is the longest there/);
      assert.equal(assumed(), 1);
    });

    it('is refused what cannot be held there before the role is asked for, and anything is sent', async () => {
      const before = assumed();
      const root = join(cli().work, 'unsent');
      mkdirSync(root);
      writeFileSync(join(root, 'README.md'), 'Unsent.\n');
      const args = ['task', '--target', 'lambda', '--workspace', root];
      const file = cli().file('one.py', 'print(1)');
      for (const each of [
        [...args, 'Look.'],
        [...args, ...given, '--role-profile', 'mine', 'Look.'],
        [...args, '--network', 'open', '--timeout', '3600', ...given, '--role-profile', 'mine', 'Look.'],
        ['run', '--target', 'lambda', ...given, '--role-profile', 'mine', file],
      ]) {
        const { code, stderr } = await cli().run(each);
        assert.equal(code, 2, stderr);
        assert.match(stderr, /\(--network open\)|a task of 3600 s with credentials for AWS/);
        assert.doesNotMatch(stderr, /sends|gets a session/);
      }
      assert.equal(assumed(), before);
    });
  });

  it('goes to the backend that is named, and says which one it is where none is', async () => {
    const state = join(cli().folder, 's', 'offload');
    const deployment = await chosenDeployment(state);
    const older = { ...deployment, stack: 'old', controlFunction: 'old-control', deployedAt: 1 };
    await writeDeployment(state, older);
    try {
      const latest = await cli().run(['runs', '--target', 'lambda']);
      assert.equal(latest.code, 0, latest.stderr);
      assert.match(latest.stderr, /account 123456789012, stack offload: the latest of 2; --stack/);
      const named = await cli().run(['runs', '--target', 'lambda', '--stack', 'offload']);
      assert.equal(named.code, 0, named.stderr);
      assert.doesNotMatch(named.stderr, /the latest of/);
      const gone = await cli().run(['runs', '--target', 'lambda', '--stack=old']);
      assert.equal(gone.code, 1, gone.stderr);
      assert.match(gone.stderr, /no function old-control/);
      const nowhere = await cli().run(['runs', '--target', 'lambda', '--region', 'eu-north-1']);
      assert.equal(nowhere.code, 1, nowhere.stderr);
      assert.match(nowhere.stderr, /^offload: No such backend was deployed from this machine/);
    } finally {
      await removeDeployment(state, older);
    }
  });

  it('says of credentials what deploying says of them', async () => {
    const { env } = cli();
    const kept = { ...env };
    delete env['AWS_ACCESS_KEY_ID'];
    delete env['AWS_SECRET_ACCESS_KEY'];
    env['AWS_EC2_METADATA_DISABLED'] = 'true';
    try {
      const { code, stderr } = await cli().run(['runs', '--target', 'lambda']);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /There are no AWS credentials\. Name a profile of ~\/\.aws\/config/);
    } finally {
      Object.assign(env, kept);
    }
  });

  it('looks at it by the doctor', async () => {
    const { code, stdout } = await cli().run(['doctor', '--target', 'lambda', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
    const of = (name: string) => checks.find((check) => check.name.endsWith(name));
    assert.equal(of('control')?.ok, true, stdout);
    assert.match(of('control')?.detail ?? '', /made-up-build on Node/);
    assert.match(of('build')?.detail ?? '', /another build/);
    // The endpoint of these tests is Lambda's alone.
    assert.deepEqual([of('credentials')?.ok, code], [false, 1], stdout);
  });

  it('is refused what it cannot have, before it runs', async () => {
    const file = cli().file('one.py', 'print(1)');
    const closed = await cli().run(['run', '--target', 'lambda', file]);
    assert.deepEqual([closed.code, closed.stdout], [2, ''], closed.stderr);
    assert.match(closed.stderr, /a run that is closed to the network/);
    const alone = await cli().run(['run', '--region', 'eu-west-1', file]);
    assert.deepEqual([alone.code, alone.stdout], [2, ''], alone.stderr);
    assert.match(alone.stderr, /--region goes with --target lambda/);
    const other = await cli().run(['run', '--target', 'moon', file]);
    assert.deepEqual([other.code, other.stderr.includes('--target takes local')], [2, true], other.stderr);
  });
});

describe('offload --target lambda without a backend', () => {
  const cli = installation();

  it('says how one is made', async () => {
    const { code, stderr } = await cli().run(['runs', '--target', 'lambda']);
    assert.equal(code, 1);
    assert.match(stderr, /No backend was deployed from this machine.*offload deploy/);
  });
});
