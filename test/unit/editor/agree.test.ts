import assert from 'node:assert/strict';
import type { Dialogs, Question } from '../../../src/editor/dialogs.ts';
import { agreeToPlace, forgetPlaces } from '../../../src/editor/target/agree.ts';
import type { Place } from '../../../src/editor/target/targets.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';

function user(...buttons: (string | undefined)[]) {
  const asked: Question[] = [];
  const values = new Map<string, unknown>();
  const dialogs = {
    ask: (question: Question) => {
      asked.push(question);
      return Promise.resolve(buttons.shift());
    },
  } as unknown as Dialogs;
  const memory = {
    get: (key: string) => values.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    keys: () => [...values.keys()],
  };
  return { asked, context: { dialogs, memory } };
}

const can = (network: Capabilities['network']): Capabilities => ({
  ...{ target: 'lambda', languages: [], limits: [], maxRequestBytes: 1, attach: true, cancel: true },
  ...{ isolation: { kind: 'process', available: true, detail: '' }, hostInterpreters: false, network },
});
type Asked = Parameters<typeof agreeToPlace>[0];
const away = (network: Capabilities['network'] = ['open'], account = '123456789012'): Asked => {
  const target = { kind: 'lambda', account, region: 'eu-west-1', stack: 'offload' } as const;
  return { target, label: 'AWS · eu-west-1', can: can(network), placed: { target, hourUsd: 0.12 } };
};
const here: Pick<Place, 'target' | 'label' | 'can' | 'placed'> = {
  ...{ target: { kind: 'local' }, label: 'This computer', can: undefined, placed: {} },
};

describe('the consent to run elsewhere', () => {
  it('is asked for once, with where it goes, what it costs, and that the network is open there', async () => {
    const { asked, context } = user('Run There');
    assert.equal(await agreeToPlace(away(), 'closed', context), 'open');
    assert.equal(await agreeToPlace(away(), { allow: ['example.org'] }, context), 'open');
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.modal, true);
    const { detail = '' } = asked[0];
    assert.match(detail, /leave this computer for AWS account 123456789012 in eu-west-1\./);
    assert.match(detail, /what you have set \(no network\): they can reach the internet there/);
    assert.match(detail, /about \$0\.12/);
  });

  it('is for one place, and asked for again once it is forgotten', async () => {
    const { asked, context } = user('Run There', 'Run There', 'Run There');
    await agreeToPlace(away(), 'open', context);
    await agreeToPlace(away(['open'], '999999999999'), 'open', context);
    await forgetPlaces(context.memory);
    await agreeToPlace(away(), 'open', context);
    assert.equal(asked.length, 3);
  });

  it('to an open network is not taken from one to a closed one', async () => {
    const { asked, context } = user('Run There', 'Run There');
    assert.equal(await agreeToPlace(away(['closed']), 'closed', context), 'closed');
    assert.equal(await agreeToPlace(away(['open']), 'closed', context), 'open');
    assert.equal(asked.length, 2);
  });

  it('is no less than a yes', async () => {
    const { context } = user(undefined, 'Run There');
    await assert.rejects(agreeToPlace(away(), 'closed', context), { name: 'AbortError' });
    assert.equal(await agreeToPlace(away(), 'closed', context), 'open');
  });

  it('is not asked for on this computer, nor where a place refuses by itself', async () => {
    const { asked, context } = user();
    assert.equal(await agreeToPlace(here, 'closed', context), 'closed');
    const container = { ...here, target: { kind: 'container' } as const, can: can(['closed']) };
    assert.equal(await agreeToPlace(container, 'open', context), 'open');
    assert.deepEqual(asked, []);
  });
});
