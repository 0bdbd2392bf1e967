import assert from 'node:assert/strict';
import { roleGrant } from '../../../src/core/aws/role/grant.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import type { Dialogs, Question } from '../../../src/editor/dialogs.ts';
import { notificationText } from '../../../src/editor/plain-text.ts';
import { agreeToRole, type AgreedRole, type GivenRole } from '../../../src/editor/task/give-role.ts';
import { taskDetails } from '../../../src/editor/task/task-details.ts';
import { parseTaskSettings } from '../../../src/editor/settings/task-settings.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { setEnvironment } from '../../support/aws/deploying.ts';
import { FakeAws } from '../../support/aws/fake-aws.ts';
import { SESSION } from '../../support/aws/sts.ts';

const arn = 'arn:aws:iam::123456789012:role/team/reader';
const { defaults } = parseTaskSettings(() => undefined);

describe('a role for a task of the editor', () => {
  let aws: FakeAws;
  let restore: () => void;
  let asked: Question[];
  let shown: string[];

  beforeEach(async () => {
    aws = await FakeAws.start();
    restore = setEnvironment(aws.env);
    [asked, shown] = [[], []];
  });
  afterEach(async () => {
    restore();
    await aws.dispose();
  });

  /** A user who presses these buttons, one after the other. */
  const give = async (
    buttons: (string | undefined)[],
    { network = 'closed', seconds = 600 }: { network?: Network; seconds?: number } = {},
  ): Promise<GivenRole & AgreedRole> => {
    const before = sessions();
    const ask = (question: Question): Promise<string | undefined> => {
      asked.push(question);
      return Promise.resolve(buttons.shift());
    };
    const pick = (items: { label: string }[], _title: string, _text: string, stays?: boolean) => {
      assert.equal(stays, true, 'it is there still when the policy was read');
      const wanted = buttons.shift();
      return Promise.resolve(items.find(({ label }) => wanted !== undefined && label.endsWith(wanted)));
    };
    const window = {
      dialogs: { ask, pick } as unknown as Dialogs,
      showPolicy: (text: string) => Promise.resolve(void shown.push(text)),
    };
    const task = { runId: newRunId(), seconds, network };
    const agreed = await agreeToRole(window, { arn, purpose: 'inventory' }, task);
    assert.equal(sessions(), before, 'agreed to, and not taken: what is sent first may take its time');
    return { ...agreed, ...(await agreed.take(new AbortController().signal)) };
  };
  const sessions = (): number => aws.account.operations.filter((each) => each === 'sts:AssumeRole').length;

  it('is asked for with all of its policy and its hosts, and is given after a yes', async () => {
    const { credentials, network, instructions } = await give(['Give Role'], { network: { allow: ['a.b'] } });
    assert.equal(credentials.sessionToken, SESSION.sessionToken);
    const [question] = asked;
    assert.equal(question?.modal, true);
    assert.match(question.message, /role\/team\/reader/);
    const { policy, hosts } = await roleGrant(arn, 'inventory', 'eu-west-1');
    const detail = notificationText(question.detail ?? '');
    for (const statement of policy.Statement) assert(detail.includes(JSON.stringify(statement)));
    for (const host of hosts) assert(detail.includes(host), host);
    assert.match(detail, /another account/);
    assert.deepEqual(network, { allow: ['a.b', ...hosts] });
    assert(instructions.includes(arn));
    const told = JSON.stringify(asked) + instructions;
    for (const secret of Object.values(SESSION)) assert(!told.includes(secret));
  });

  it('is not taken where the user closes the question, also after having read the policy', async () => {
    for (const buttons of [[undefined], ['Show Policy', undefined], ['Show Policy', 'Do Not Give It']])
      await assert.rejects(give(buttons), { name: 'AbortError' });
    assert.equal(sessions(), 0);
    const { policy } = await roleGrant(arn, 'inventory', 'eu-west-1');
    assert.deepEqual(JSON.parse(shown[0] ?? ''), policy);
    await give(['Show Policy', 'Give Role']);
    assert.equal(sessions(), 1);
  });

  it('is asked for each time, and says when the task may outlive it', async () => {
    await give(['Give Role']);
    await give(['Give Role'], { seconds: 7200 });
    assert.equal(asked.length, 2);
    assert.doesNotMatch(asked[0]?.detail ?? '', /lose it/);
    assert.match(asked[1]?.detail ?? '', /60 minutes at most, and the task may take 120 minutes/);
  });

  it('says in words why it cannot be had', async () => {
    aws.account.fail('sts:AssumeRole', { code: 'AccessDenied', message: 'no', status: 403, times: 9 });
    await assert.rejects(give(['Give Role']), {
      code: 'no-permission',
      fix: /trust policy needs this statement/,
    });
  });

  it('stands in the heading of the task', () => {
    const role = { arn, purpose: 'inventory' };
    const details = (network: Network): string[] =>
      taskDetails({
        agent: { name: 'Claude Code' },
        options: { ...defaults, network, role },
        place: ['this computer'],
        prepared: undefined,
        standing: [],
      });
    assert(details('closed').includes('AWS role reader for inventory'));
    assert(details('closed').includes('network: AWS'));
    assert(details({ allow: ['a.b'] }).includes('network: a.b and AWS'));
    assert(details('open').includes('network: open'));
  });
});
