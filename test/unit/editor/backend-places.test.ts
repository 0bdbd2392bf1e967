import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDeployment } from '../../../src/core/deploy/deployment.ts';
import { askAccess } from '../../../src/editor/deploy/ask-access.ts';
import { askMfaCode, mfaCodeOrNone } from '../../../src/editor/ask-mfa-code.ts';
import { noteDeploying } from '../../../src/editor/deploy/deploy-notes.ts';
import { pickBackend } from '../../../src/editor/deploy/pick-backend.ts';
import { parsePlace, requireAccount, type Place } from '../../../src/editor/deploy/place.ts';
import type { Dialogs, TextQuestion } from '../../../src/editor/dialogs.ts';
import { parseTaskSettings } from '../../../src/editor/settings/task-settings.ts';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';

const PLACE: Place = { profile: 'work', region: 'eu-west-1', stack: 'offload', account: '123456789012' };

const deployment = { ...MADE_UP_DEPLOYMENT, profile: 'work' };

describe('the place of a backend', () => {
  it('is that of a button, and no other thing that a command is called with', () => {
    assert.deepEqual(parsePlace(PLACE), PLACE);
    const bare = { region: 'eu-west-1', stack: 'x' };
    assert.deepEqual(parsePlace(bare), { ...bare, profile: undefined });
    for (const wrong of [
      undefined,
      'x',
      { fsPath: '/x' },
      { ...PLACE, stack: 'A B' },
      { ...PLACE, region: 'x' },
      { ...PLACE, region: ' eu-west-1 ' },
      { ...PLACE, account: '1' },
    ])
      assert.equal(parsePlace(wrong), undefined);
  });

  it('is held to its account', () => {
    requireAccount(PLACE, '123456789012');
    requireAccount({ ...PLACE, account: undefined }, '210987654321');
    assert.throws(() => requireAccount(PLACE, '210987654321'), {
      code: 'no-credentials',
      message:
        'offload in eu-west-1 is in AWS account 123456789012, not in 210987654321, which is that of the profile work.',
    });
  });
});

describe('the choice of a backend', () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'pick-'));
  });
  afterEach(() => {
    rmSync(state, { recursive: true });
  });

  async function pick(always: boolean, wanted: string) {
    const shown: string[] = [];
    const dialogs: Pick<Dialogs, 'pick'> = {
      pick: (items) => {
        shown.push(...items.map(({ label, description = '' }) => `${label}: ${description}`));
        return Promise.resolve(items.find(({ label }) => label.includes(wanted)));
      },
    };
    const asked: Place = { ...PLACE, stack: 'asked' };
    const ask = () => Promise.resolve(asked);
    const place = await pickBackend({ dialogs, state, title: 'x', ask, always });
    return { shown, stack: place?.stack };
  }

  it('is made where there is but one, too, before one is removed', async () => {
    assert.equal((await pick(true, 'none')).stack, 'asked');
    await writeDeployment(state, deployment);
    assert.deepEqual(await pick(false, 'none'), { shown: [], stack: 'offload' });
    assert.equal((await pick(true, 'Another')).stack, 'asked');
  });

  it('has what a deploy has left that did not come to its end, unless it is known already', async () => {
    await writeDeployment(state, deployment);
    await noteDeploying(state, PLACE, 'failed');
    assert.deepEqual((await pick(false, 'none')).shown, []);
    await noteDeploying(state, { ...PLACE, region: 'eu-west-3' }, 'failed');
    const { shown, stack } = await pick(false, 'eu-west-3');
    assert.equal(stack, 'offload');
    assert.match(shown.join('\n'), /offload in eu-west-3: not deployed whole: it failed/);
  });
});

describe('the access to the model that a backend gets', () => {
  const settings = () => parseTaskSettings(() => undefined);

  it('can stay only where a backend answers, and can be set on the way', async () => {
    let key: string | undefined;
    const shown: string[][] = [];
    const dialogs = {
      pick: (items: readonly { label: string }[]) => {
        shown.push(items.map(({ label }) => label));
        return Promise.resolve(items.find(({ label }) => /Set a Key|Your Anthropic/.test(label)));
      },
    } as never as Dialogs;
    const chosen = await askAccess({
      ...{ dialogs, settings, region: 'eu-west-1', deployed: false },
      keys: { get: () => Promise.resolve(key) },
      setKey: () => {
        key = 'sk-made-up';
        return Promise.resolve();
      },
    });
    assert.equal(shown[0]?.[0], '$(key) Set a Key…');
    assert.equal(shown[1]?.[0], '$(key) Your Anthropic API key');
    assert.deepEqual(chosen?.access, { provider: 'messages', key: 'sk-made-up' });
    const pick = { pick: (items: readonly unknown[]) => Promise.resolve(items[0]) } as never as Dialogs;
    const context = { settings, region: 'eu-west-1', keys: { get: () => Promise.resolve(key) } };
    const setKey = () => Promise.resolve();
    const kept = await askAccess({ ...context, setKey, dialogs: pick, deployed: true });
    assert.equal(kept?.access, undefined);
  });
});

describe('the code of a device', () => {
  const ask = async (typed: string | undefined) => {
    const asked: TextQuestion[] = [];
    const code = await askMfaCode(
      { input: (question) => Promise.resolve(asked.push(question) > 0 ? typed : undefined) },
      'arn:aws:iam::1:mfa/\u001bme',
    );
    return { code, asked };
  };

  it('is six digits, and what was typed around them is not', async () => {
    const { code, asked } = await ask(' 123456 ');
    assert.equal(code, '123456');
    const [question] = asked;
    assert.deepEqual(
      [question?.check?.('12345'), question?.check?.(' 123456 ')],
      ['It has six digits.', undefined],
    );
    assert.ok(!question?.prompt.includes('\u001b'));
  });

  it('ends what it is asked for where none is given: an empty one is never sent', async () => {
    await assert.rejects(ask(undefined), { name: 'AbortError' });
  });

  it('is none for the call of a run, which is not tried again then', async () => {
    const answer = (input: Dialogs['input']) => mfaCodeOrNone({ input }, 'phone');
    // Core says so of an empty one, once: an abort would pass for a connection that broke.
    assert.equal(await answer(() => Promise.resolve(undefined)), '');
    assert.equal(await answer(() => Promise.resolve('123456')), '123456');
    await assert.rejects(
      answer(() => Promise.reject(new Error('no window'))),
      /no window/,
    );
  });
});
