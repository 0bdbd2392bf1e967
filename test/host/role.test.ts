import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { readTaskSettings } from '../../src/editor/settings/read-settings.ts';
import { awsHere } from '../../src/editor/task/aws-here.ts';
import { FakeAws } from '../support/aws/fake-aws.ts';
import { SESSION } from '../support/aws/sts.ts';
import { say, use } from '../support/messages-api/turn.ts';
import { agentProgram } from '../support/task/agents.ts';
import { setVariables } from '../support/variables.ts';
import './support/backend.ts';
import { setSetting, TaskUser } from './support/task-user.ts';

const arn = 'arn:aws:iam::123456789012:role/reader';
const PRINT = 'echo "$AWS_REGION ${#AWS_SESSION_TOKEN}"; env | grep SECRET';
const bash = (command: string) => use('Bash', { command, description: 'Looks' });

describe('a task from the editor with a role in AWS', () => {
  let user: TaskUser;
  let aws: FakeAws;
  let restore: () => void;

  before(function () {
    agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });
  beforeEach(async () => {
    aws = await FakeAws.start();
    restore = setVariables(aws.env);
  });
  afterEach(async () => {
    restore();
    await setSetting('aws.roles', undefined);
    await user.end();
    await aws.dispose();
  });

  const begin = async (): Promise<void> => {
    const turns = [bash(PRINT), say('I looked.'), bash(PRINT), say('I looked again.')];
    user = await TaskUser.begin({ turns });
  };
  const start = async (): Promise<void> => {
    const options = { ...readTaskSettings().defaults, role: { arn, purpose: 'inventory' } };
    const waiting = { onStep: () => undefined, signal: new AbortController().signal };
    const { ended } = await user.offload.tasks.start({ prompt: 'Look', options, from: 'command' }, waiting);
    await ended;
  };
  const sessions = (): string[] =>
    aws.account.calls
      .filter(({ operation }) => operation === 'sts:AssumeRole')
      .map(({ input }) => (input as { RoleSessionName: string }).RoleSessionName);

  it('is asked for, also for a reply, and is kept nowhere but by its name', async () => {
    await begin();
    user.dialogs.answer('session of the AWS role', 'Give Role');
    await start();
    assert.match(user.screen.plain, /AWS role reader for inventory · network: AWS/);
    const had = `eu-west-1 ${String(SESSION.sessionToken.length)}`;
    assert(JSON.stringify(user.api.bodies).includes(had), 'its command had no credentials');
    const [record] = await user.offload.tasks.all();
    assert.deepEqual(record?.task?.options.role, { arn, purpose: 'inventory' });
    assert.deepEqual(sessions(), [`offload-${record.runId}`]);
    user.dialogs.type('Reply to', 'Look again');
    await user.act('replyToTask', record.runId);
    const [next] = await user.offload.tasks.all();
    assert.notEqual(next?.runId, record.runId);
    assert.deepEqual(sessions().at(-1), `offload-${String(next?.runId)}`);
    assert.equal(user.dialogs.withText('session of the AWS role').length, 2);
    const kept = JSON.stringify(await user.offload.records.all()) + user.screen.plain;
    for (const secret of Object.values(SESSION)) assert(!kept.includes(secret), `${secret} is kept`);
  });

  it('is not begun where the user does not give it, and nothing was sent', async () => {
    await begin();
    user.dialogs.answer('session of the AWS role', undefined);
    await assert.rejects(start(), { name: 'AbortError' });
    assert.deepEqual(sessions(), []);
    assert.deepEqual(await user.offload.tasks.all(), []);
    assert.equal(user.dialogs.withText('to the sandbox?').length, 0);
  });

  it('shows the policy as a text, and remembers its role for the next time', async () => {
    await begin();
    user.dialogs.answer('session of the AWS role', 'Show Policy');
    user.dialogs.picked = 'Do Not Give It';
    await assert.rejects(start(), { name: 'AbortError' });
    assert.match(user.dialogs.picks.at(-1)?.title ?? '', /session of the AWS role .*reader/);
    const shown = vscode.window.activeTextEditor?.document.getText() ?? '';
    const { Statement } = JSON.parse(shown) as { Statement: { Effect: string }[] };
    assert.deepEqual(
      Statement.map(({ Effect }) => Effect),
      ['Allow', 'Deny'],
    );
    await awsHere(readTaskSettings().roles).remember(arn);
    await awsHere(readTaskSettings().roles).remember(`${arn}-2`);
    await awsHere(readTaskSettings().roles).remember(arn);
    assert.deepEqual(readTaskSettings().roles, [arn, `${arn}-2`]);
    assert.equal(await awsHere([]).region(undefined), 'eu-west-1');
  });
});
