import { accessSchema, type ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import { SettingError } from '../settings/setting.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import { placeName, type KeyPlace, type KeyStore } from './key-store.ts';

/**
 * How the model is reached, as the settings and the stored keys say.
 * @throws OffloadError `no-access` where a key is missing or cannot be one; it never says what a key holds
 * @throws SettingError for a setting that has to be set
 */
export async function modelAccess(settings: TaskSettings, keys: Pick<KeyStore, 'get'>): Promise<ModelAccess> {
  switch (settings.provider) {
    case 'anthropic':
      return { provider: 'messages', key: await requiredKey(keys, { provider: 'anthropic' }) };
    case 'subscription':
      return { provider: 'messages', token: await requiredKey(keys, { provider: 'subscription' }) };
    case 'compatible': {
      const { baseUrl } = settings;
      if (baseUrl === '') throw new SettingError('offload.task.baseUrl', 'the provider needs an address');
      // One on the user's own machine may need none.
      const key = await keys.get({ provider: 'compatible', baseUrl });
      return checked({ provider: 'messages', baseUrl, ...(key === undefined ? {} : { key }) });
    }
    case 'bedrock': {
      const { bedrockRegion: region, bedrockProfile: profile } = settings;
      if (region === '')
        throw new SettingError('offload.task.bedrock.region', 'Amazon Bedrock needs a region');
      return checked({ provider: 'bedrock', region, ...(profile === '' ? {} : { profile }) });
    }
  }
}

async function requiredKey(keys: Pick<KeyStore, 'get'>, place: KeyPlace): Promise<string> {
  const key = await keys.get(place);
  if (key !== undefined && isKey(key)) return key;
  const what = key === undefined ? 'There is no key' : 'What is stored is no key';
  throw new OffloadError('no-access', `${what} for the model (${placeName(place)}).`, {
    fix: 'Set one: it is kept in the secret store of your editor, and never enters the sandbox.',
  });
}

/** Whether a text can be sent as a key. */
export const isKey = (text: string): boolean =>
  accessSchema.safeParse({ provider: 'messages', key: text }).success;

function checked(access: ModelAccess): ModelAccess {
  if (accessSchema.safeParse(access).success) return access;
  throw new OffloadError('no-access', 'What is set for the access to the model cannot be used.', {
    fix: 'Set the model key anew.',
  });
}
