import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import { SESSION } from '../../support/aws/sts.ts';
import { start, type Ended } from '../../support/cli/started.ts';
import { say, use } from '../../support/messages-api/turn.ts';
import { idIn, taskCli } from './task-cli.ts';

const ROLE = 'arn:aws:iam::123456789012:role/reader';
const GIVEN = ['--role', ROLE, '--purpose', 'bucket:my-data/reports'];
const PRINT = 'echo "$AWS_REGION ${#AWS_SESSION_TOKEN}"; env | grep SECRET';
const PRINTED = `eu-west-1 ${String(SESSION.sessionToken.length)}\nAWS_SECRET_ACCESS_KEY=[redacted]`;

describe('offload with a role in AWS', () => {
  const task = taskCli();
  let aws: FakeAws;

  beforeEach(async () => {
    aws = await FakeAws.start();
    const { env, folder } = task.cli;
    mkdirSync(join(folder, 'h', '.aws'), { recursive: true });
    writeFileSync(
      join(folder, 'h', '.aws', 'config'),
      `[profile mine]\nregion = eu-west-1\naws_access_key_id = ${MADE_UP.accessKeyId}\naws_secret_access_key = ${MADE_UP.secretAccessKey}\n`,
    );
    Object.assign(env, { AWS_ENDPOINT_URL: aws.endpoint, AWS_EC2_METADATA_DISABLED: 'true' });
  });
  afterEach(() => aws.dispose());

  const assumed = (): { RoleSessionName: string; Policy: string }[] =>
    aws.account.calls
      .filter(({ operation }) => operation === 'sts:AssumeRole')
      .map(({ input }) => input as { RoleSessionName: string; Policy: string });

  /** At a terminal, where somebody types. */
  const atTerminal = (args: string[], typed: string): Promise<Ended> => {
    const spawn = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
    const { env, work, cli } = task.cli;
    return start('python3', ['-c', spawn, process.execPath, cli, ...args], { env, cwd: work, input: typed })
      .ended;
  };

  it('gives it to a task that has it agreed to beforehand, shows its policy whole, and names the session by the run', async () => {
    await task.answers([use('Bash', { command: PRINT, description: 'looks' }), say('Done.'), say('Again.')]);
    const args = ['task', ...GIVEN, '--role-profile', 'mine', '--yes', '--check', PRINT, 'Look.'];
    const ended = await task.run(args);
    const { code, stderr } = ended;
    assert.equal(code, 0, stderr);
    const [first] = assumed();
    assert.equal(first?.RoleSessionName, `offload-${idIn(ended)}`);
    const shown = stderr.slice(stderr.indexOf('\n{') + 1, stderr.indexOf('\n}') + 3);
    assert.deepEqual(JSON.parse(shown), JSON.parse(first.Policy));
    assert.match(stderr, /to list and read the objects of the folder reports\/ of the S3 bucket my-data/);
    assert.match(stderr, /it can reach my-data\.s3\.eu-west-1\.amazonaws\.com:443, sts\.eu-west/);
    assert.match(stderr, /could also send what it sees to another account/);
    assert.match(stderr, /the credentials end at \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    assert(stderr.includes(PRINTED), stderr);
    const told = JSON.stringify(task.model.bodies[0]);
    assert(told.includes(`credentials of the role ${ROLE}`), 'the agent was not told of it');
    const seen = ended.stdout + stderr + told;
    for (const secret of Object.values(SESSION)) assert(!seen.includes(secret), 'a secret was told');
    // A reply is a task of its own, and so is its session.
    const reply = await task.run([
      'reply',
      ...GIVEN,
      '--role-profile',
      'mine',
      '--yes',
      idIn(ended),
      'More.',
    ]);
    assert.equal(reply.code, 0, reply.stderr);
    assert.equal(assumed().at(-1)?.RoleSessionName, `offload-${idIn(reply)}`);
  });

  it('gives it to a program after a yes at a terminal, and not after anything else', async () => {
    const file = task.cli.file('look.sh', PRINT);
    const args = ['run', ...GIVEN, '--role-profile', 'mine', file];
    for (const typed of ['\n', 'n\n']) {
      const { code, stdout } = await atTerminal(args, typed);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /Give it that\? \[y\/N\].*Nobody has agreed/s);
      assert.deepEqual(assumed(), []);
    }
    const { code, stdout } = await atTerminal(args, 'y\n');
    assert.equal(code, 0, stdout);
    assert.match(stdout.replaceAll('\r', ''), new RegExp(PRINTED.replace(/[[\]]/g, '\\$&')));
    assert.equal(assumed().length, 1);
  });

  it('gives it to nobody where nobody is there to agree', async () => {
    const file = task.cli.file('look.sh', PRINT);
    for (const input of ['', 'y\n']) {
      const { code, stdout, stderr } = await task.cli.run(['run', ...GIVEN, '--role-profile', 'mine', file], {
        input,
      });
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /Nobody has agreed.*--yes/);
    }
    assert.deepEqual(assumed(), []);
  });

  it('says what the role is missing, before anything is sent', async () => {
    aws.account.fail('sts:AssumeRole', { code: 'AccessDenied', message: 'no', status: 403, times: 9 });
    await task.answers([]);
    task.put('a.txt', 'a');
    const args = ['task', ...GIVEN, '--role-profile', 'mine', '--yes', '--workspace', task.root, 'Look.'];
    const { code, stderr } = await task.run(args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /trust policy needs this statement: .*"Action":"sts:AssumeRole"/);
    assert.doesNotMatch(stderr, /sends 1 file/);
  });

  it('refuses what does not go together, and names that mean more than they say', async () => {
    const file = task.cli.file('look.sh', PRINT);
    const wrong: [args: string[], said: RegExp][] = [
      [['--role', ROLE], /--role and --purpose go together/],
      [['--purpose', 'cost'], /--role and --purpose go together/],
      [['--role-profile', 'mine'], /go with --role/],
      [['--role', ROLE, '--purpose', 'bucket:*', '--role-profile', 'mine', '--yes'], /names nothing that/],
      [['--role', 'reader', '--purpose', 'cost', '--role-profile', 'mine', '--yes'], /not the ARN of a role/],
    ];
    for (const [args, said] of wrong) {
      const { code, stderr } = await task.cli.run(['run', ...args, file]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
    }
    assert.deepEqual(aws.account.calls, []);
  });

  it('prints what there is, and each policy', async () => {
    const { stdout } = await task.cli.run(['policy', 'purposes']);
    for (const name of ['inventory', 'cost', 'bucket:', 'bucket-write:', 'database:', 'logs:', 'file:'])
      assert.match(stdout, new RegExp(`^${name}`, 'm'));
    const shown = await task.cli.run(['policy', 'show', 'inventory']);
    const { Statement } = JSON.parse(shown.stdout) as { Statement: unknown[] };
    const root = new URL('../../../src/core/aws/role/policies/inventory.json', import.meta.url);
    assert.deepEqual(
      Statement[0],
      (JSON.parse(readFileSync(root, 'utf8')) as { Statement: unknown[] }).Statement[0],
    );
    assert.equal((await task.cli.run(['policy', 'show'])).code, 2);
  });
});
