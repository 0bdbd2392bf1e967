import assert from 'node:assert/strict';
import type { StepEvent } from '../../../src/core/deploy/steps.ts';
import { failureActions } from '../../../src/editor/deploy/failure-actions.ts';
import type { Place } from '../../../src/editor/deploy/place.ts';
import { planQuestion } from '../../../src/editor/deploy/plan-question.ts';
import { profileItems } from '../../../src/editor/deploy/profile-items.ts';
import { regionItems, wrongRegion } from '../../../src/editor/deploy/region-items.ts';
import { statusText, type KnownStatus } from '../../../src/editor/deploy/status-report.ts';
import { StepList } from '../../../src/editor/deploy/step-list.ts';
import { parseAwsSettings } from '../../../src/editor/settings/aws-settings.ts';
import { SettingError } from '../../../src/editor/settings/setting.ts';

const PLACE: Place = { profile: 'work', region: 'eu-west-1', stack: 'offload' };

describe('the choice of credentials', () => {
  const profiles = [
    { name: 'a', kind: 'sso', region: 'eu-west-1' },
    { name: 'b $(x)', kind: 'keys', region: undefined },
  ] as const;
  const labels = (env: NodeJS.ProcessEnv, preferred: string | undefined | null) =>
    profileItems(profiles, env, preferred).map(({ label }) => label);

  it('has those of the environment first where there are some, and else last', () => {
    const standard = '$(key) Default credentials';
    assert.deepEqual(labels({}, null), ['$(account) a', '$(account) b $ (x)', standard]);
    assert.equal(labels({ AWS_ACCESS_KEY_ID: 'x' }, null)[0], standard);
    assert.equal(
      profileItems([], { AWS_ACCESS_KEY_ID: 'x' }, null)[0]?.description,
      'an access key of the environment',
    );
  });

  it('begins with what was chosen before, the default ones too', () => {
    assert.equal(labels({ AWS_PROFILE: 'a' }, 'b $(x)')[0], '$(account) b $ (x)');
    assert.equal(labels({}, undefined)[0], '$(key) Default credentials');
  });
});

describe('the choice of a region', () => {
  it('begins with the preferred ones, each once and with its reason, and passes over what is no region', () => {
    const items = regionItems([
      { region: 'eu-west-3', why: 'last used' },
      { region: 'Paris', why: 'your setting' },
      { region: 'eu-west-3', why: 'the profile’s' },
      { region: 'eu-central-2', why: 'the profile’s' },
    ]);
    assert.deepEqual(
      items.slice(0, 3).map(({ label, description }) => `${label} ${description}`),
      ['eu-west-3 Paris · last used', 'eu-central-2 the profile’s', 'us-east-1 N. Virginia'],
    );
    assert.equal(items.filter(({ label }) => label === 'eu-west-3').length, 1);
    assert.equal(items.at(-1)?.region, undefined);
    assert.deepEqual([wrongRegion(' eu-south-1 '), typeof wrongRegion('Ireland')], [undefined, 'string']);
  });
});

describe('the steps of a deploy', () => {
  const event = (change: Partial<StepEvent>): StepEvent => ({
    ...{ type: 'step', id: 'a', title: 'A', state: 'running', seconds: 1 },
    ...change,
  });

  it('stand as they were told last, with their parts and the end of their logs', () => {
    const list = new StepList();
    for (const id of ['a', 'b']) list.take(event({ id, title: id, state: 'waiting' }));
    list.take(event({ id: 'a', title: 'a', state: 'done' }));
    list.take(event({ id: 'b', title: 'b' }));
    list.take(event({ id: 'b/c', title: 'c', parent: 'b', detail: 'on it' }));
    for (let i = 0; i < 20; i++) list.take(event({ id: 'b', title: 'b', log: [`line ${String(i)}`] }));
    assert.deepEqual(
      list.top.map(({ event: { id, state } }) => `${id} ${state}`),
      ['a done', 'b running'],
    );
    assert.deepEqual(list.get('b')?.parts, ['b/c']);
    assert.deepEqual([list.get('b')?.tail.length, list.get('b')?.tail.at(-1)], [8, 'line 19']);
    list.take(event({ id: 'a', title: 'a', state: 'done', log: ['one\r\ntwo'] }));
    assert.deepEqual(list.get('a')?.tail, ['one', 'two']);
    assert.equal(list.current, 'c: on it');
    assert.equal(list.progress, 0.5);
    list.take(event({ id: 'b', title: 'b', progress: 0.5 }));
    assert.equal(list.progress, 0.75);
    list.stop();
    assert.deepEqual([list.get('a')?.stopped, list.get('b')?.stopped], [false, true]);
  });
});

describe('the question for a deploy', () => {
  const plan = {
    ...{ account: '123456789012', user: 'arn:x', region: 'eu-west-1', stack: 'offload', upToDate: false },
    changes: ['make a bucket'],
    serves: false,
    ...({ condition: 'fresh', status: undefined, cost: 'About $1.' } as const),
  };

  it('has all of the plan, and says when it goes on with one that was cut off', () => {
    const context = { profile: undefined, access: 'none', goesOn: true };
    const { detail = '', modal, message } = planQuestion(plan, context);
    assert.equal(modal, true);
    assert.match(message, /123456789012/);
    for (const part of [
      'cut off',
      'arn:x (the default credentials)',
      'eu-west-1',
      'make a bucket',
      'About $1.',
    ])
      assert.ok(detail.includes(part), part);
    assert.doesNotMatch(planQuestion(plan, { ...context, goesOn: false }).detail ?? '', /cut off/);
  });
});

describe('what is offered after a failed deploy', () => {
  const nothing = () => Promise.resolve();
  const actions = (code: string, message: string, place: Place | undefined = PLACE) => {
    const opened: string[] = [];
    const openLink = (address: string) => Promise.resolve(opened.push(address));
    const all = failureActions(
      { code: code as never, message },
      { place, chooseAnew: nothing, goOn: nothing, openLink },
    );
    return { labels: all.map(({ label }) => label), all, opened };
  };

  it('is what helps', async () => {
    assert.deepEqual(actions('no-credentials', 'x').labels, ['Choose Another Profile']);
    assert.deepEqual(actions('aws-unreachable', 'x').labels, ['Choose Another Region']);
    assert.deepEqual(actions('not-supported', 'The region lacks it.').labels, ['Choose Another Region']);
    assert.deepEqual(actions('stack-blocked', 'It can only be removed.').labels, ['Remove and Deploy…']);
    assert.deepEqual(actions('stack-blocked', 'It could not go back.').labels, ['Open CloudFormation']);
    assert.deepEqual(actions('internal', 'x').labels, []);
    const quota = actions('quota-reached', 'AWS CodeBuild starts no build');
    await quota.all[0]?.act();
    assert.match(quota.opened[0] ?? '', /^https:\/\/eu-west-1\.console.*\/codebuild\/quotas$/);
  });
});

describe('the status of a backend in words', () => {
  const known = (
    change: Partial<KnownStatus['status']> = {},
    more: Partial<KnownStatus> = {},
  ): KnownStatus => ({
    ...{ profile: undefined, drift: undefined, spent: undefined, network: undefined, ...more },
    status: {
      ...{ account: '123456789012', region: 'eu-west-1', stack: 'offload', condition: 'ready' as const },
      ...{ status: 'UPDATE_COMPLETE', reason: undefined, version: 'same' as const },
      ...{ outputs: { ControlFunction: 'offload-control' }, parameters: { RunnerMemory: '1024' } },
      changedAt: 1,
      ...change,
    },
  });

  it('says what is looked for still, what could not be found out, and what was', () => {
    assert.match(statusText(known()), /So far +is being added up…[^]*compares/);
    const failed = statusText(known({}, { drift: 'no permission', spent: 'no permission' }));
    assert.match(failed, /So far +is not known: no permission[^]*is not known: no permission/);
    const spent = { runs: 3, usd: 1.5, since: 0, atLeast: true };
    const drift = {
      drifts: [{ resource: 'Bucket', state: 'deleted' as const, properties: [] }],
      incomplete: undefined,
    };
    const all = statusText(known({ version: 'other' }, { spent, drift }));
    assert.match(all, /another than this Offload brings[^]*at least \$1\.50 for 3 calls[^]*Bucket is gone/);
  });

  it('says what a run found of a network that is said to be closed', () => {
    const parameters = { VpcSubnets: 'subnet-1', RunNetwork: 'closed' };
    assert.match(statusText(known({ parameters })), /Network +subnets subnet-1: a run tries/);
    const found = statusText(known({ parameters }, { network: 'closed, as a run has found just now' }));
    assert.match(found, /subnets subnet-1: closed, as a run has found/);
  });

  it('says where there is none, and shows no control character of what AWS says', () => {
    assert.match(
      statusText(known({ status: undefined, version: 'none' })),
      /there is none: "Offload: Deploy Backend"/,
    );
    assert.doesNotMatch(statusText(known({ reason: 'a\u001b]52;x\u0007b' })), /\p{Cc}(?<!\n)/u);
  });
});

describe('the settings of the backend in AWS', () => {
  const parsed = (values: Record<string, unknown>) => parseAwsSettings((name) => values[name]);

  it('leave open what is not set', () => {
    assert.deepEqual(parsed({}), { profile: undefined, region: undefined, stack: 'offload', options: {} });
    const set = {
      'aws.memoryMb': 512,
      'aws.logDays': 3,
      'aws.subnets': ['subnet-0a'],
      'aws.architecture': 'x86_64',
      'aws.network': 'closed',
    };
    assert.deepEqual(parsed(set).options, {
      ...{ architecture: 'x86_64', memory: 512, logDays: 3, subnets: ['subnet-0a'], network: 'closed' },
    });
  });

  for (const [name, value] of [
    ['aws.profile', 7],
    ['aws.region', 'Ireland'],
    ['aws.stack', 'My Stack'],
    ['aws.memoryMb', 64],
    ['aws.logDays', 2],
    ['aws.subnets', ['x']],
    ['aws.architecture', 'riscv'],
    ['aws.network', 'none'],
  ] as const) {
    it(`name ${name} when it is ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => parsed({ [name]: value }),
        (error) => error instanceof SettingError && error.setting === `offload.${name}`,
      );
    });
  }
});
