import assert from 'node:assert/strict';
import { KeyStore, placeName, type KeyPlace } from '../../../src/editor/task/key-store.ts';
import { isKey, modelAccess } from '../../../src/editor/task/model-access.ts';
import { parseTaskSettings } from '../../../src/editor/settings/task-settings.ts';

const settings = (values: Record<string, unknown>) => parseTaskSettings((name) => values[name]);

/** VS Code's two stores, in memory. */
function stores() {
  const secrets = new Map<string, string>();
  const memory = new Map<string, unknown>();
  return {
    secrets,
    memory,
    context: {
      secrets: {
        get: (key: string) => Promise.resolve(secrets.get(key)),
        store: (key: string, value: string) => Promise.resolve(void secrets.set(key, value)),
        delete: (key: string) => Promise.resolve(void secrets.delete(key)),
      },
      globalState: {
        get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
        update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
      },
    } as unknown as ConstructorParameters<typeof KeyStore>[0],
  };
}

describe('the access to a model', () => {
  const place = (baseUrl: string): KeyPlace => ({ provider: 'compatible', baseUrl });

  it('is by the key of the chosen provider', async () => {
    const keys = new KeyStore(stores().context);
    await keys.set({ provider: 'anthropic' }, 'made-up-key');
    await keys.set({ provider: 'subscription' }, 'made-up-token');
    assert.deepEqual(await modelAccess(settings({}), keys), { provider: 'messages', key: 'made-up-key' });
    assert.deepEqual(await modelAccess(settings({ 'task.provider': 'subscription' }), keys), {
      provider: 'messages',
      token: 'made-up-token',
    });
  });

  it('never has the key of one address at another', async () => {
    const keys = new KeyStore(stores().context);
    await keys.set(place('https://a.example'), 'made-up-a');
    const at = (baseUrl: string) =>
      modelAccess(settings({ 'task.provider': 'compatible', 'task.baseUrl': baseUrl }), keys);
    assert.deepEqual(await at('https://a.example'), {
      ...{ provider: 'messages', baseUrl: 'https://a.example', key: 'made-up-a' },
    });
    assert.deepEqual(await at('https://b.example'), { provider: 'messages', baseUrl: 'https://b.example' });
  });

  it('is by region and profile on Bedrock, without a key of ours', async () => {
    const values = {
      'task.provider': 'bedrock',
      'task.bedrock.region': 'eu-west-1',
      'task.bedrock.profile': 'work',
    };
    const keys = new KeyStore(stores().context);
    assert.deepEqual(await modelAccess(settings(values), keys), {
      ...{ provider: 'bedrock', region: 'eu-west-1', profile: 'work' },
    });
  });

  for (const [values, code, setting] of [
    [{}, 'no-access', undefined],
    [{ 'task.provider': 'subscription' }, 'no-access', undefined],
    [{ 'task.provider': 'compatible' }, 'bad-setting', 'offload.task.baseUrl'],
    [{ 'task.provider': 'bedrock' }, 'bad-setting', 'offload.task.bedrock.region'],
  ] as const) {
    it(`says what is missing with ${JSON.stringify(values)}`, async () => {
      const keys = new KeyStore(stores().context);
      await assert.rejects(
        modelAccess(settings(values), keys),
        (error: { code: string; setting?: string }) => {
          assert.equal(error.code, code);
          assert.equal(error.setting, setting);
          return true;
        },
      );
    });
  }

  it('is never told by what is no key', async () => {
    const keys = new KeyStore(stores().context);
    await keys.set({ provider: 'anthropic' }, 'two words');
    await assert.rejects(modelAccess(settings({}), keys), (error: Error) => {
      assert.doesNotMatch(`${error.message} ${error.stack ?? ''}`, /two words/);
      return true;
    });
  });

  it('takes as a key what can travel in a header, and nothing else', () => {
    for (const bad of ['', ' ', 'a b', 'a\nb', 'ä', 'x'.repeat(20_000)])
      assert.ok(!isKey(bad), bad.slice(0, 5));
    assert.ok(isKey('made-up_KEY.123'));
  });
});

describe('the keys of models', () => {
  it('are in the secret store alone, and can be listed by their places', async () => {
    const { secrets, memory, context } = stores();
    const keys = new KeyStore(context);
    await keys.set({ provider: 'anthropic' }, 'made-up-1');
    await keys.set({ provider: 'compatible', baseUrl: 'http://x' }, 'made-up-2');
    await keys.set({ provider: 'anthropic' }, 'made-up-3');
    assert.doesNotMatch(JSON.stringify([...memory]), /made-up/);
    assert.deepEqual([...secrets.values()].sort(), ['made-up-2', 'made-up-3']);
    assert.deepEqual((await new KeyStore(context).places()).map(placeName).sort(), [
      'Anthropic API',
      'http://x',
    ]);
    await keys.remove({ provider: 'anthropic' });
    assert.deepEqual((await keys.places()).map(placeName), ['http://x']);
    assert.deepEqual([...secrets.values()], ['made-up-2']);
  });
});
