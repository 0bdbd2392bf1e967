import assert from 'node:assert/strict';
import type { Dialogs, TextQuestion } from '../../../src/editor/dialogs.ts';
import { parseTaskSettings } from '../../../src/editor/settings/task-settings.ts';
import { askAnswer } from '../../../src/editor/task/ask-answer.ts';
import { askOptions } from '../../../src/editor/task/ask-options.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';
import type { Question } from '../../../src/protocol/agent-item.ts';

const { defaults } = parseTaskSettings(() => undefined);
const agents = [
  { id: 'claude-code', label: 'Claude Code', detail: '2.1', models: [{ id: 'm-1', label: 'Model One' }] },
  { id: 'opencode', label: 'opencode', detail: 'not installed', models: [] },
];

const HERE = { label: 'This computer', can: undefined };
const AWAY = {
  label: 'AWS · eu-west-1',
  can: {
    ...{ target: 'lambda', languages: [], limits: [], maxRequestBytes: 1, attach: true, cancel: true },
    isolation: { kind: 'process', available: true, detail: '' },
    network: ['open' as const],
    hostInterpreters: false,
  },
};

/** What a list of the editor's shows. */
type QuickPickItem = Parameters<Dialogs['pick']>[0][number];

/** A user who picks what these say, one after the other, and types these texts. */
function user(
  picks: (string | undefined)[],
  texts: string[] = [],
  ticks: string[] = [],
  places: { label: string; can: Capabilities | undefined }[] = [HERE],
) {
  const seen: QuickPickItem[][] = [];
  const refused: string[] = [];
  const dialogs = {
    pick: (items: QuickPickItem[]) => {
      seen.push(items);
      const wanted = picks.shift();
      const found = wanted === undefined ? undefined : items.find(({ label }) => label.includes(wanted));
      assert.ok(
        wanted === undefined || found,
        `${String(wanted)} among ${items.map(({ label }) => label).join()}`,
      );
      return Promise.resolve(found);
    },
    pickSome: (items: QuickPickItem[]) => Promise.resolve(items.filter(({ label }) => ticks.includes(label))),
    input: ({ check }: TextQuestion) => {
      for (;;) {
        const text = texts.shift();
        const wrong = text === undefined ? undefined : check?.(text);
        if (wrong === undefined) return Promise.resolve(text);
        refused.push(wrong);
      }
    },
  } as unknown as Dialogs;
  const remembered: string[] = [];
  const aws = {
    roles: ['arn:aws:iam::123456789012:role/reader'],
    remember: (arn: string) => Promise.resolve(void remembered.push(arn)),
    profiles: () => Promise.resolve(['mine']),
    region: (profile?: string) => Promise.resolve(profile === 'mine' ? 'eu-west-1' : undefined),
  };
  const context = {
    ...{ dialogs, aws, standing: undefined, showStanding: () => Promise.resolve() },
    agents: () => agents,
    place: () => places[0] ?? HERE,
    choosePlace: () => Promise.resolve(void places.shift()),
  };
  return { seen, refused, remembered, dialogs, context };
}

describe('the options of a task', () => {
  it('are what the place has that is chosen, which can be another one', async () => {
    const { seen, context } = user(['Runs On', 'Network', 'Open', 'Run Task'], [], [], [HERE, AWAY]);
    assert.equal((await askOptions(context, defaults))?.network, 'open');
    const [before = [], after = [], networks = [], opened = []] = seen;
    const described = (items: QuickPickItem[], name: string) =>
      items.find(({ label }) => label.endsWith(name))?.description;
    assert.deepEqual(
      [before, after].map((items) => described(items, 'Runs On')),
      ['This computer', 'AWS · eu-west-1'],
    );
    assert.equal(
      described(after, 'Network'),
      'closed but for the model · open there: the place cannot close it',
    );
    assert.deepEqual(
      networks.map(({ label }) => label),
      ['Open'],
    );
    assert.equal(described(opened, 'Network'), 'open');
  });

  it('are the defaults when nothing is picked but to run it, which comes first', async () => {
    const { seen, context } = user(['Run Task']);
    assert.deepEqual(await askOptions(context, defaults), defaults);
    const [items = []] = seen;
    assert.equal(items[0]?.label, '$(play) Run Task');
    const described = Object.fromEntries(
      items.map(({ label, description }) => [label.replace(/^\S+ /, ''), description]),
    );
    assert.equal(described['Budget'], '$5.00');
    assert.equal(described['Turns'], '200 turns');
    assert.equal(described['Network'], 'closed but for the model');
    assert.equal(described['Agent'], 'Claude Code · 2.1');
  });

  it('can have a role in AWS, for one of the purposes, and lose it again', async () => {
    const picks = ['AWS Role', 'Another', 'bucket', 'mine', 'Run Task'];
    const arn = 'arn:aws-cn:iam::210987654321:role/team/other';
    const first = user(picks, ['other', arn, 'my-*', ' my-data/a ']);
    const options = await askOptions(first.context, defaults);
    const role = { arn, purpose: 'bucket:my-data/a', profile: 'mine' };
    assert.deepEqual(options, { ...defaults, role });
    assert.deepEqual(first.remembered, [arn]);
    assert.match(first.refused[0] ?? '', /ARN of a role/);
    assert.match(first.refused[1] ?? '', /names nothing that a policy could be held to/);
    const shown = first.seen.at(-1)?.find(({ label }) => label.includes('AWS Role'));
    assert.equal(shown?.description, 'other, for bucket:my-data/a');
    // Where no region is meant, it is asked for.
    const second = user(
      ['AWS Role', 'role/reader', 'inventory', 'Default', 'Run Task'],
      ['here', 'us-east-1'],
    );
    const other = await askOptions(second.context, defaults);
    const reader = 'arn:aws:iam::123456789012:role/reader';
    assert.deepEqual(other?.role, { arn: reader, purpose: 'inventory', region: 'us-east-1' });
    assert.deepEqual(second.refused, ['A region has a name such as eu-west-1.']);
    const third = user(['AWS Role', 'None', 'Run Task']);
    assert.deepEqual(await askOptions(third.context, { ...defaults, role }), defaults);
    const fourth = user(['AWS Role', 'role/reader', undefined, 'Run Task']);
    assert.deepEqual(await askOptions(fourth.context, { ...defaults, role }), { ...defaults, role });
    const fifth = user(
      ['AWS Role', 'role/reader', 'file', 'mine', 'Run Task'],
      ['policy.json', '/x/policy.json'],
    );
    assert.equal((await askOptions(fifth.context, defaults))?.role?.purpose, 'file:/x/policy.json');
    assert.deepEqual(fifth.refused, ['Give the absolute path of the file.']);
  });

  it('are none when the user closes them', async () => {
    assert.equal(await askOptions(user([undefined]).context, defaults), undefined);
  });

  it('can each be changed', async () => {
    const { context } = user(
      ['Model', 'Model One', 'Budget', 'Turns', 'Minutes', 'Network', 'Open', 'Files', 'None'].concat([
        'Check',
        'Execute',
        'Yes',
        'Extra Instructions',
        'Run Task',
      ]),
      ['0.5', '3', '7', ' npm test ', 'be brief'],
    );
    assert.deepEqual(await askOptions(context, defaults), {
      ...{ agent: 'claude-code', model: 'm-1', budget: { usd: 0.5, turns: 3 }, minutes: 7, network: 'open' },
      ...{ files: 'none', check: 'npm test', execute: true, instructions: 'be brief' },
    });
  });

  it('can have a network of some hosts, which are those that it had', async () => {
    const hosts = user(
      ['Network', 'Some Hosts', 'Run Task'],
      ['http://x', 'a b', 'PyPI.org, *.example.org:8443'],
    );
    const options = await askOptions(hosts.context, defaults);
    const network = { allow: ['pypi.org', '*.example.org:8443'] };
    assert.deepEqual(options?.network, network);
    assert.match(hosts.refused.join('\n'), /^It must be closed, open, or hosts such as .*\nIt must be/);
    const shown = user([undefined]);
    await askOptions(shown.context, { ...defaults, network });
    assert.ok(shown.seen[0]?.some(({ description }) => description === 'pypi.org, *.example.org:8443'));
    const left = user(['Network', 'Some Hosts', 'Run Task'], [undefined as unknown as string]);
    assert.equal((await askOptions(left.context, defaults))?.network, 'closed');
  });

  it('can have a model that is not offered, and lose one with another agent', async () => {
    const typed = user(['Model', 'Another', 'Run Task'], ['my/own-model']);
    assert.equal((await askOptions(typed.context, defaults))?.model, 'my/own-model');
    const changed = user(['Agent', 'opencode', 'Run Task']);
    const options = await askOptions(changed.context, { ...defaults, model: 'm-1' });
    assert.deepEqual([options?.agent, options?.model], ['opencode', undefined]);
    const taken = user(['Check', 'Run Task'], ['']);
    assert.ok(!('check' in ((await askOptions(taken.context, { ...defaults, check: 'x' })) ?? {})));
  });

  it('take no number that a setting could not have', async () => {
    const { refused, context } = user(['Budget', 'Run Task'], ['', 'much', '-1', '0', '1e9', '2']);
    assert.equal((await askOptions(context, defaults))?.budget.usd, 2);
    assert.equal(refused.length, 5);
  });

  it('show what the workspace tells every task, and open it', async () => {
    const { seen, context } = user(['Standing', 'Run Task']);
    let opened = 0;
    const showStanding = () => {
      opened++;
      return Promise.resolve();
    };
    const standing = { path: '.offload/task.md', text: 'Use tabs.\nAlways.' };
    await askOptions({ ...context, standing, showStanding }, defaults);
    assert.equal(opened, 1);
    assert.equal(seen[0]?.at(-1)?.description, '.offload/task.md: Use tabs.');
  });

  it('make no picture of what others wrote', async () => {
    const { seen, context } = user([undefined]);
    await askOptions(context, { ...defaults, check: '$(trash)\u202e' });
    assert.ok(seen[0]?.some(({ description }) => description === '$ (trash)\ufffd'));
  });
});

describe('the answer to a question of an agent', () => {
  const question = (more: Partial<Question>): Question => ({
    ...{ kind: 'question', id: 'q', text: 'Which?', multiple: false, free: true },
    options: [{ label: 'One' }, { label: 'Two' }],
    ...more,
  });

  it('is the option that is picked', async () => {
    assert.deepEqual(await askAnswer(user(['Two']).dialogs, 't', question({})), { chosen: ['Two'] });
  });

  it('is what is written, where that is allowed', async () => {
    const written = await askAnswer(user(['Another'], ['three']).dialogs, 't', question({}));
    assert.deepEqual(written, { chosen: [], text: 'three' });
    const { seen, dialogs } = user([undefined]);
    assert.equal(await askAnswer(dialogs, 't', question({ free: false })), undefined);
    assert.deepEqual(
      seen[0]?.map(({ label }) => label),
      ['One', 'Two'],
    );
    const open = await askAnswer(user([], ['x']).dialogs, 't', question({ options: [] }));
    assert.deepEqual(open, { chosen: [], text: 'x' });
  });

  it('is all that are ticked', async () => {
    const { dialogs } = user([], [], ['One', 'Two']);
    assert.deepEqual(await askAnswer(dialogs, 't', question({ multiple: true })), { chosen: ['One', 'Two'] });
  });
});
