import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { AwsClients } from '../../../src/core/aws/clients.ts';
import { assumeForTask } from '../../../src/core/aws/role/assume.ts';
import { withHosts } from '../../../src/core/aws/role/endpoints.ts';
import { roleGrant } from '../../../src/core/aws/role/grant.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { setEnvironment } from '../../support/aws/deploying.ts';
import { FakeAws } from '../../support/aws/fake-aws.ts';
import { SESSION } from '../../support/aws/sts.ts';
import { say, turn, use } from '../../support/messages-api/turn.ts';
import { Internet } from '../../support/network/internet.ts';
import { passOn } from '../../support/network/pass-on.ts';
import { outputOf, run as runProgram, succeeded } from '../../support/target/run.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { run as runByClaude } from '../../support/task/claude-tools.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import type { FollowedTask } from '../../support/task/followed-task.ts';
import { sendTree } from '../../support/task/send-tree.ts';
import { TaskTarget } from '../../support/task/task-target.ts';

const PUBLIC = '93.184.216.34';
const SECRETS = [SESSION.accessKeyId, SESSION.secretAccessKey, SESSION.sessionToken];
const runByOpencode = (command: string) => use('bash', { command, description: 'a command' });

/** The variables that programs have, in a form that says what they are without saying them. */
const HASHES = [
  `python3 -c 'import os, hashlib`,
  'for name in sorted(os.environ):',
  `  if name.startswith("AWS_"): print(name, hashlib.sha256(os.environ[name].encode()).hexdigest()[:16])'`,
].join('\n');
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const VARIABLES = {
  AWS_ACCESS_KEY_ID: SESSION.accessKeyId,
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'eu-west-1',
  AWS_SECRET_ACCESS_KEY: SESSION.secretAccessKey,
  AWS_SESSION_TOKEN: SESSION.sessionToken,
  AWS_STS_REGIONAL_ENDPOINTS: 'regional',
};
const LISTED = Object.entries(VARIABLES)
  .map(([name, value]) => `${name} ${hash(value)}`)
  .join('\n');

/** Asks AWS who it is, signed with what is in the environment. */
const IDENTITY =
  'curl -sS --aws-sigv4 aws:amz:eu-west-1:sts --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ' +
  '-H "x-amz-security-token: $AWS_SESSION_TOKEN" -d "Action=GetCallerIdentity&Version=2011-06-15" ' +
  'http://sts.eu-west-1.amazonaws.com:443/';

/** Everything, as it comes, and in two halves. */
const PRINT = `env; python3 -c 'import os, sys, time
token = os.environ["AWS_SESSION_TOKEN"]
sys.stdout.write(token[:9]); sys.stdout.flush(); time.sleep(0.3); print(token[9:])
sys.stdout.buffer.write(b"\\xff" + token.encode() + b"\\n")'`;

for (const [id, variable, run] of [
  ['claude-code', 'OFFLOAD_TEST_CLAUDE', runByClaude],
  ['opencode', 'OFFLOAD_TEST_OPENCODE', runByOpencode],
] as const) {
  describe(`a role for a task of ${id}`, () => {
    const internet = new Internet();
    let aws: FakeAws;
    let clients: AwsClients;
    let on: TaskTarget;
    /** What is to be ended of what was begun, the last first. */
    const ends: (() => void | Promise<void>)[] = [];

    before(async function () {
      const program = agentProgram(this, variable);
      aws = await FakeAws.start();
      ends.push(() => aws.dispose());
      await internet.serve(
        PUBLIC,
        [443],
        passOn(() => aws.endpoint),
      );
      internet.name('sts.eu-west-1.amazonaws.com', PUBLIC);
      internet.name('evil.eu-west-1.amazonaws.com', PUBLIC);
      // The backend is not to find them by itself.
      on = await TaskTarget.start({ id, program }, { prepare: internet.prepare });
      ends.push(() => on.dispose(), setEnvironment(aws.env));
      clients = await AwsClients.open();
      ends.push(() => clients.dispose());
    });
    beforeEach(() => {
      aws.account.calls.length = 0;
    });
    after(async () => {
      for (const end of ends.reverse()) await end();
      internet.dispose();
    });

    const ready = async (): Promise<Pick<TaskRequest, 'runId' | 'network' | 'credentials'>> => {
      const grant = await roleGrant('arn:aws:iam::123456789012:role/reader', 'inventory', clients.region);
      const runId = newRunId();
      const credentials = await assumeForTask(clients, grant, { runId, seconds: 60 });
      return { runId, network: withHosts('closed', grant.hosts), credentials };
    };

    const carriedOut = async (commands: string[], wish: Partial<TaskRequest> = {}): Promise<FollowedTask> => {
      const api = await on.model({ turns: [...commands.map((each) => turn([run(each)])), say('Done.')] });
      const snapshot = await sendTree(on.target.sandbox, {
        'a.txt': 'a\n',
        // What a repository may say to have the agent take them for itself.
        '.claude/settings.json': JSON.stringify({ env: { CLAUDE_CODE_USE_BEDROCK: '1' } }),
        'opencode.json': JSON.stringify({ model: 'amazon-bedrock/anthropic.claude' }),
      });
      const task = on.start(api, {
        prompt: 'look',
        model: 'claude-sonnet-4-5',
        snapshot,
        ...(await ready()),
        ...wish,
      });
      completed(await task.ended);
      assert.deepEqual(api.unexpected, []);
      // The model is the relay's as ever.
      assert(api.requests.length > commands.length);
      return task;
    };

    const journals = (): string =>
      readdirSync(on.target.folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /journal|record|\.json|\.log/.test(name) && !name.includes('sessions'))
        .map((name) => {
          try {
            return readFileSync(`${on.target.folder}/${name}`, 'latin1');
          } catch {
            return '';
          }
        })
        .join('\n');

    it('is had by its commands, its check and its programs, and reaches AWS at the hosts of the purpose alone', async () => {
      const written = 'printf %s "import os; print(len(os.environ[\'AWS_SESSION_TOKEN\']))" > made.py';
      const others = 'curl -sS -m 5 http://evil.eu-west-1.amazonaws.com:443/ 2>&1; true';
      const task = await carriedOut([HASHES, IDENTITY, others, written], {
        check: `${HASHES}; ${IDENTITY}`,
        execute: true,
      });
      const [variables = '', identity = '', refused = ''] = task.results.map(({ text }) => text);
      assert(variables.includes(LISTED), variables);
      assert.match(identity, /<Arn>arn:aws:iam::123456789012:user\/dev<\/Arn>/);
      assert.doesNotMatch(refused, /Arn/);
      const operations = aws.account.operations;
      assert.deepEqual(operations, ['sts:AssumeRole', 'sts:GetCallerIdentity', 'sts:GetCallerIdentity']);
      const outputs = task.events.flatMap((event) => (event.type === 'output' ? [event] : []));
      const check = outputs.filter(({ program }) => program === 'check').map(({ text }) => text);
      assert(check.join('').includes(LISTED) && check.join('').includes('<Arn>'), check.join(''));
      const made = outputs.filter(({ program }) => program === 'made.py').map(({ text }) => text);
      assert.equal(made.join('').trim(), String(SESSION.sessionToken.length));
      const seen = JSON.stringify(task.events) + on.onDisk();
      for (const secret of SECRETS) assert(!seen.includes(secret), `${secret} is written somewhere`);
    });

    it('is not said, whatever its programs print', async () => {
      const task = await carriedOut([PRINT], { check: PRINT });
      const seen = JSON.stringify(task.events);
      assert.match(task.results[0]?.text ?? '', /AWS_SESSION_TOKEN=\[redacted\]/);
      const check = task.events.flatMap((event) =>
        event.type === 'output'
          ? [event.text ?? Buffer.from(event.base64 ?? '', 'base64').toString('latin1')]
          : [],
      );
      assert.match(check.join(''), /AWS_SECRET_ACCESS_KEY=\[redacted\]/);
      assert.match(check.join(''), /\u00ff\[redacted\]/);
      for (const secret of SECRETS) {
        assert(!seen.includes(secret) && !check.join('').includes(secret), `${secret} was told`);
        assert(!journals().includes(secret), `${secret} is in a journal`);
      }
      assert(journals().includes(task.runId), 'no journal was looked at');
    });

    it('is refused where nothing of AWS can be reached', async () => {
      const api = await on.model({ turns: [say('Done.')] });
      const task = on.start(api, { prompt: 'look', ...(await ready()), network: 'closed' });
      await assert.rejects(task.ended, { code: 'bad-request', message: /closed network/ });
    });

    if (id !== 'claude-code') return;

    it('is had by a program that is run, and not said by it', async () => {
      const { runId: _, ...rest } = await ready();
      const told = succeeded(await runProgram(on.target, 'bash', `${HASHES}; ${PRINT}; ${IDENTITY}`, rest));
      const text = outputOf(told.events, 'stdout').toString('latin1');
      assert(text.includes(LISTED), text);
      assert.match(text, /AWS_SESSION_TOKEN=\[redacted\]/);
      assert.match(text, /\u00ff\[redacted\]/);
      assert.match(text, /<Arn>arn:aws/);
      const seen = text + JSON.stringify(told.events) + journals();
      for (const secret of SECRETS) assert(!seen.includes(secret), `${secret} was told`);
    });
  });
}

describe('a role for an agent that dies', () => {
  let on: TaskTarget;
  before(async () => {
    const args = ['-c', 'env >&2; exit 3'];
    on = await TaskTarget.start({ id: 'acp', program: '/bin/sh', args });
  });
  after(() => on.dispose());

  it('is not said by what it wrote at last', async () => {
    const api = await on.model({ turns: [] });
    const credentials = { ...SESSION, region: 'eu-west-1', expires: Date.now() + 3600_000 };
    const network = { allow: ['sts.eu-west-1.amazonaws.com:443'] };
    const task = on.start(api, { prompt: 'die', network, credentials });
    const error = failedWith(await task.ended, 'agent-failed');
    assert.match(error.message, /AWS_SECRET_ACCESS_KEY=\[redacted\]/);
    const seen = JSON.stringify(task.events) + on.onDisk();
    for (const secret of SECRETS) assert(!seen.includes(secret), `${secret} was told`);
  });
});
