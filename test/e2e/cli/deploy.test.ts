import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStarted } from '../../support/aws/deploying.ts';
import type { FakeAws } from '../../support/aws/fake-aws.ts';
import { installation } from '../../support/cli/installation.ts';
import { withAws } from '../../support/cli/with-aws.ts';

describe('offload with an AWS account', () => {
  const cli = installation();
  const account = withAws(cli);
  let aws: FakeAws;
  beforeEach(() => {
    aws = account();
  });

  const lines = (text: string): string[] => text.split('\n').slice(0, -1);

  it('says what it would make and what that costs, and does nothing without a yes', async () => {
    for (const input of ['n\n', '', 'no\n']) {
      const { code, stdout, stderr } = await cli().run(['deploy'], { input });
      assert.equal(code, 1, stderr);
      assert.match(
        stdout,
        /^account {2}123456789012 .*\nregion {3}eu-west-1\nstack {4}offload\nThis will\n {2}- make a bucket/,
      );
      assert.match(stdout, /About \$0\.45 a month while nothing runs/);
      assert.match(stderr, /Go on\? \[y\/N\] .*nothing was done/);
    }
    assert.equal(aws.cloudformation.stacks.length, 0);
    const { code } = await cli().run(['deploy', '--plan']);
    assert.equal(code, 0);
    assert.deepEqual(
      aws.account.operations.filter((name) => !/GetCallerIdentity|Describe/.test(name)),
      [],
    );
  });

  it('deploys, shows how it stands and its logs, and removes it', async () => {
    const deployed = await cli().run(['deploy', '--memory', '1024'], { input: 'y\n' });
    assert.equal(deployed.code, 0, deployed.stderr);
    const told = lines(deployed.stdout).filter((line) => /^(ok|--|FAIL) /.test(line));
    assert.deepEqual(
      told.map((line) => line.replace(/ \(\d+\.\d s\).*/, '')),
      [
        'ok    Check the credentials',
        'ok    Look at the stack',
        'ok    Make the bucket, the repository and the build project',
        'ok    Upload the backend',
        'ok    Build the image',
        'ok    Set the functions to the image',
        '--    Store how the model is reached',
        'ok    Ask the control function',
        '--    Remove what is left of before',
      ],
    );
    assert.match(deployed.stdout, /deployed: offload in eu-west-1\n$/);
    assert.equal(aws.cloudformation.stack('offload')?.now?.parameters['RunnerMemory'], '1024');

    const again = await cli().run(['deploy', '--yes']);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /It is up to date\./);
    assert.equal(aws.codebuild.builds.length, 1);

    const status = await cli().run(['status']);
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /stack {4}offload, UPDATE_COMPLETE\nversion {2}the one of this Offload\n/);
    assert.match(status.stdout, /^ {2}ControlFunction +offload-control$/m);

    aws.cloudformation.stack('offload')?.drifted.set('Runner', ['/Timeout']);
    assert.match(
      (await cli().run(['status', '--drift'])).stdout,
      /^ {2}Runner was changed by hand: \/Timeout$/m,
    );

    const report = 'REPORT RequestId: 1 Duration: 59999.1 ms Billed Duration: 60000 ms Memory Size: 1024 MB';
    aws.logs.write('/offload/offload/runner', 's', report, Date.now() - 3600_000);
    const cost = (await cli().run(['status'])).stdout;
    assert.match(cost, /^a run {4}about \$0\.001 a minute with 1024 MB$/m);
    assert.match(cost, /^so far {3}about \$0\.001 for 1 call of the runner in 30 days/m);

    aws.logs.write('/offload/offload/runner', 's', 'a line with \u001b]52;c;eA==\u0007 in it');
    const logs = await cli().run(['logs', 'runner', '--since', '10m']);
    assert.match(logs.stdout, /^[\d :-]{19} {2}runner {3}a line with \\u\{1b\}\]52;c;eA==\\u\{7\} in it\n$/);
    assert.match((await cli().run(['logs', 'build', '--json'])).stdout, /"log":"build".*apt-get update/);

    const refused = await cli().run(['destroy'], { input: 'something\n' });
    assert.equal(refused.code, 2, refused.stderr);
    assert(aws.cloudformation.stack('offload'));
    const destroyed = await cli().run(['destroy'], { input: 'offload\n' });
    assert.equal(destroyed.code, 0, destroyed.stderr);
    assert.match(destroyed.stderr, /Nothing of it stays in the account but/);
    assert.equal(aws.cloudformation.stack('offload'), undefined);
    const gone = await cli().run(['status']);
    assert.equal(gone.code, 1);
    assert.match(gone.stdout, /there is no offload/);
  });

  it('writes what happens as lines of JSON', async () => {
    const { code, stdout } = await cli().run(['deploy', '--yes', '--json', '--stack', 'other']);
    assert.equal(code, 0);
    const events = lines(stdout).map((line) => JSON.parse(line) as { type: string; state?: string });
    assert.deepEqual([events[0]?.type, events.at(-1)?.type], ['plan', 'deployed']);
    assert(events.slice(1, -1).every(({ type }) => type === 'step'));
    assert.deepEqual([...aws.functions.deployed.keys()].sort(), ['other-control', 'other-runner']);
    const status = await cli().run(['status', '--json', '--stack', 'other']);
    assert.equal((JSON.parse(status.stdout) as { condition: string }).condition, 'ready');
    // What was deployed last is meant, in its region.
    delete cli().env['AWS_REGION'];
    assert.deepEqual(await cli().run(['status', '--json']), status);
    const nowhere = await cli().run(['status', '--stack', 'offload']);
    assert.deepEqual([nowhere.code, nowhere.stderr.includes('No AWS region is set')], [2, true]);
  });

  it('stores the key of the model when it is told to, and shows it nowhere', async () => {
    cli().env['ANTHROPIC_API_KEY'] = 'sk-ant-made-up-key';
    try {
      const without = await cli().run(['deploy', '--yes', '--verbose']);
      assert.equal(without.code, 0, without.stderr);
      const texts = (): string => [...aws.secrets.texts.values()].join();
      assert.doesNotMatch(texts(), /sk-ant/);
      const { code, stdout, stderr } = await cli().run(['deploy', '--yes', '--with-key', '--json']);
      assert.equal(code, 0, stderr);
      assert.match(texts(), /"ANTHROPIC_API_KEY":"sk-ant-made-up-key"/);
      assert.doesNotMatch(stdout + stderr + without.stdout, /sk-ant-made-up-key/);
    } finally {
      delete cli().env['ANTHROPIC_API_KEY'];
    }
  });

  it('sets how long logs and runs are kept, and the disk of a run', async () => {
    const args = ['--storage', '1024', '--log-days', '3', '--expire-days', '7'];
    const { code, stderr } = await cli().run(['deploy', '--yes', ...args]);
    assert.equal(code, 0, stderr);
    const { stdout } = await cli().run(['status', '--json']);
    const { parameters } = JSON.parse(stdout) as { parameters: Record<string, string> };
    const { RunnerStorage, LogDays, ExpireDays } = parameters;
    assert.deepEqual([RunnerStorage, LogDays, ExpireDays], ['1024', '3', '7']);
  });

  it('stops the build on Ctrl+C, and goes on from there', async () => {
    aws.codebuild.looks = 1_000_000;
    const started = cli().start(['deploy', '--yes']);
    await Promise.race([buildStarted(aws), started.ended]);
    started.child.kill('SIGINT');
    const { code, stderr } = await started.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /stopped; run it again to go on from here/);
    assert.equal(aws.codebuild.builds[0]?.status, 'STOPPED');
    aws.codebuild.looks = 1;
    const again = await cli().run(['deploy', '--yes']);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /--\s+Make the bucket.*they are there/);
  });

  it('follows a log until Ctrl+C', async () => {
    await cli().run(['deploy', '--yes']);
    aws.logs.write('/offload/offload/control', 's', 'first');
    const started = cli().start(['logs', 'control', '--follow']);
    await started.shown('first');
    aws.logs.write('/offload/offload/control', 's', 'second');
    await started.shown('second');
    started.child.kill('SIGINT');
    const { code, stdout } = await started.ended;
    assert.equal(code, 0);
    assert.equal(lines(stdout).length, 2, 'each line once');
  });

  it('says in words what is wrong, and how it ends by the exit code', async () => {
    const { env } = cli();
    const failing = async (
      args: string[],
      change: Record<string, string | undefined> = {},
    ): Promise<string> => {
      const before = { ...env };
      Object.assign(env, change);
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) Reflect.deleteProperty(env, name);
      }
      const { code, stderr } = await cli().run(args);
      Object.assign(env, before);
      return `${String(code)} ${stderr.trim()}`;
    };
    assert.match(
      await failing(['status', '--region', 'Ireland']),
      /^2 offload: "Ireland" is not the name of an AWS region\./,
    );
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    assert.match(
      await failing(['deploy', '--yes'], none),
      /^1 offload: There are no AWS credentials\. Name a profile/,
    );
    assert.match(
      await failing(['deploy', '--yes', '--profile', 'nobody'], none),
      /^1 offload: There is no profile "nobody" in /,
    );
    assert.match(await failing(['deploy', '--stack', 'My Stack']), /^2 offload: --stack takes a name of/);
    assert.match(
      await failing(['deploy', '--memory', '64']),
      /^2 offload: --memory takes a whole number from 128 to 10240/,
    );
    assert.match(
      await failing(['deploy', '--storage', '100']),
      /^2 offload: --storage takes a whole number from 512 to 10240/,
    );
    assert.match(await failing(['deploy', '--log-days', '2']), /^2 offload: The option logDays/);
    assert.match(await failing(['deploy', '--subnet', 'x']), /^2 offload: The option subnets/);
    assert.match(
      await failing(['deploy', '--subnet', 'none', '--subnet', 'subnet-0a']),
      /^2 offload: --subnet takes none, or names/,
    );
    assert.match(
      await failing(['deploy', '--subnet', 'subnet-0a']),
      /^2 offload: Runs in a network of yours need security groups, too\./,
    );
    assert.match(await failing(['policy', 'deploy', '--stack', '*']), /^2 offload: --stack takes a name of/);
    const several = await cli().run(['policy', 'deploy', '--stack', 'offload-test-*']);
    assert.deepEqual([several.code, several.stdout.includes('stack/offload-test-*/*"')], [0, true]);
    assert.match(
      await failing(['deploy', '--network', 'none']),
      /^2 offload: --network takes open or closed, not "none"/,
    );
    assert.match(
      await failing(['deploy', '--network', 'closed']),
      /^2 offload: A backend that is closed to the network needs subnets\./,
    );
    assert.match(await failing(['logs', 'everything']), /^2 offload: there is no log "everything"/);
    assert.match(await failing(['policy', 'admin']), /^2 offload: policy takes "deploy" or "use"/);
    assert.match(await failing(['logs', 'control']), /^1 offload: The backend offload has no log control\./);
    aws.account.fail('codebuild:StartBuild', {
      code: 'AccountLimitExceededException',
      message: 'Cannot have more than 0 builds in queue',
    });
    assert.match(
      await failing(['deploy', '--yes']),
      /^1 offload: AWS CodeBuild starts no build in this account.*Service Quotas/,
    );
  });

  it('logs a profile in by a browser', async () => {
    const { env, folder } = cli();
    mkdirSync(join(folder, 'h', '.aws'), { recursive: true });
    writeFileSync(
      join(folder, 'h', '.aws', 'config'),
      '[profile work]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = dev\nregion = eu-west-1\n' +
        '[sso-session s]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n',
    );
    delete env['AWS_ACCESS_KEY_ID'];
    delete env['AWS_SECRET_ACCESS_KEY'];
    const before = await cli().run(['status', '--profile', 'work']);
    assert.equal(before.code, 1);
    assert.match(before.stderr, /Log in again with "offload login --profile work"/);
    const login = await cli().run(['login', '--profile', 'work']);
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /^https:\/\/device\.sso\.eu-west-1\.amazonaws\.com\/\?user_code=ABCD-EFGH\n$/);
    assert.match(login.stderr, /ABCD-EFGH/);
    const { stdout } = await cli().run(['status', '--profile', 'work']);
    assert.match(stdout, /^account {2}123456789012\n/);
  });

  it('prints the documented policies', async () => {
    for (const name of ['deploy', 'use']) {
      const path = fileURLToPath(new URL(`../../../docs/aws-${name}-policy.json`, import.meta.url));
      const { stdout } = await cli().run(['policy', name]);
      assert.deepEqual(JSON.parse(stdout), JSON.parse(readFileSync(path, 'utf8')));
    }
    assert.match((await cli().run(['policy', 'use', '--stack', 'mine'])).stdout, /function:mine-control/);
  });
});
