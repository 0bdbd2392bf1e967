import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartFinding } from '../../../src/core/deploy/at-start.ts';
import { writeDeployment, type Deployment } from '../../../src/core/deploy/deployment.ts';
import type { StepEvent } from '../../../src/core/deploy/steps.ts';
import { LOCAL, targetOf, type Target } from '../../../src/core/targets/target.ts';
import type { Question } from '../../../src/editor/dialogs.ts';
import { offerAtStart, type StartContext } from '../../../src/editor/deploy/at-start.ts';
import { failureActions } from '../../../src/editor/deploy/failure-actions.ts';
import { DEPLOY_NOTES } from '../../../src/editor/deploy/folders.ts';
import type { Place } from '../../../src/editor/deploy/place.ts';
import { planQuestion } from '../../../src/editor/deploy/plan-question.ts';
import { profileItems } from '../../../src/editor/deploy/profile-items.ts';
import { regionItems, wrongRegion } from '../../../src/editor/deploy/region-items.ts';
import { statusText, type KnownStatus } from '../../../src/editor/deploy/status-report.ts';
import { StepList } from '../../../src/editor/deploy/step-list.ts';
import { parseAwsSettings } from '../../../src/editor/settings/aws-settings.ts';
import { SettingError } from '../../../src/editor/settings/setting.ts';

const memory = () => {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: (key: string, value: unknown) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  } as never as StartContext['memory'];
};

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

describe('what is offered when a window begins', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'start-'));
    mkdirSync(join(folder, 'backend'));
    writeFileSync(join(folder, 'backend', 'template.yaml'), 'Metadata:\n  OffloadTemplateVersion: 1\n');
    writeFileSync(join(folder, 'backend', 'build.json'), JSON.stringify({ files: ['template.yaml'] }));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const known: Deployment = {
    ...{ stack: 'offload', region: 'eu-west-1', account: '123456789012', profile: 'work' },
    ...{ controlFunction: 'c', runnerFunction: 'r', controlUrl: 'https://x.example/' },
    ...{ backendHash: 'a'.repeat(64), deployedAt: 1 },
  };
  const there: Place = { ...PLACE, account: '123456789012' };

  const begin = async (
    kept: ReturnType<typeof memory>,
    answer?: string,
    { finding, chosen = LOCAL }: { finding?: StartFinding; chosen?: Target } = {},
  ) => {
    const asked: Question[] = [];
    const deployed: Place[] = [];
    const looked: Deployment[] = [];
    const ask = (question: Question) => Promise.resolve(asked.push(question) > 0 ? answer : undefined);
    await offerAtStart({
      dialogs: { ask },
      memory: kept,
      folder: join(folder, 'backend'),
      state: folder,
      chosen,
      look: (deployment) => Promise.resolve(looked.push(deployment) > 0 ? finding : undefined),
      showStatus: () => Promise.resolve(),
      chooseTarget: () => Promise.resolve(),
      deploy: (place) => Promise.resolve(deployed.push(place)),
    });
    const buttons = asked.flatMap((question) => question.buttons ?? []);
    return { asked: asked.map(({ message }) => message), deployed, buttons, looked: looked.length };
  };

  it('is nothing where nothing was deployed', async () => {
    assert.deepEqual((await begin(memory())).asked, []);
  });

  it('is an update of a backend of another build, once for each build', async () => {
    await writeDeployment(folder, known);
    const kept = memory();
    const first = await begin(kept, 'Update Backend…');
    assert.match(first.asked.join(), /offload in eu-west-1 is of another build/);
    assert.deepEqual(first.deployed, [there]);
    assert.equal(first.looked, 0, 'nobody is called of whom nothing is wanted');
    assert.deepEqual((await begin(kept)).asked, []);
    writeFileSync(join(folder, 'backend', 'template.yaml'), '#\nMetadata:\n  OffloadTemplateVersion: 1\n');
    assert.equal((await begin(kept)).asked.length, 1);
  });

  it('is to go on with a deploy that was cut off', async () => {
    mkdirSync(join(folder, DEPLOY_NOTES));
    // A process of an earlier start of the machine.
    const note = { pid: process.pid, startedAt: Date.now() - 10 * 3600_000, place: PLACE };
    writeFileSync(join(folder, DEPLOY_NOTES, `${String(process.pid)}.json`), JSON.stringify(note));
    const { asked, deployed } = await begin(memory(), 'Go On…');
    assert.match(asked.join(), /The deploy of offload in eu-west-1 was cut off/);
    assert.deepEqual(deployed, [PLACE]);
    assert.deepEqual((await begin(memory())).asked, [], 'offered once, whichever window begins');
  });

  const chosen = targetOf(known);
  for (const [version, changedByHand, said, buttons] of [
    ['same', undefined, undefined, []],
    ['unknown', undefined, undefined, []],
    ['other', undefined, /of another build/, ['Update Backend…']],
    ['newer', undefined, /by a newer Offload/, ['Show Status']],
    ['gone', undefined, /no longer there/, ['Deploy Backend…', 'Choose Where Runs Go…']],
    ['same', 1_700_000_000_000, /2023-11-14: see "Offload: Show Backend Status"/, ['Show Status']],
  ] as const) {
    it(`is what is found of the backend in use: ${version}${changedByHand === undefined ? '' : ', changed by hand'}`, async () => {
      await writeDeployment(folder, known);
      const kept = memory();
      const found = { chosen, finding: { version, changedByHand } };
      const first = await begin(kept, undefined, found);
      assert.deepEqual([first.looked, first.buttons], [1, buttons]);
      if (said === undefined) assert.deepEqual(first.asked, []);
      else assert.match(first.asked.join(), said);
      assert.deepEqual((await begin(kept, undefined, found)).asked, [], 'it is said once');
    });
  }
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
