import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import { SECTION } from '../settings/setting.ts';
import { PROVIDERS, TASK_SETTINGS, type Provider } from '../settings/task-settings.ts';
import { placeName, type KeyStore } from './key-store.ts';
import { isKey } from './model-access.ts';

export interface KeyContext {
  keys: KeyStore;
  dialogs: Dialogs;
}

const LABELS: Readonly<Record<Provider, { label: string; detail: string }>> = {
  anthropic: { label: 'Anthropic API key', detail: 'Billed to your Anthropic account.' },
  subscription: {
    label: 'Claude subscription token',
    detail: 'The token that "claude setup-token" prints.',
  },
  compatible: {
    label: 'Compatible endpoint',
    detail: 'Any address that speaks the Messages API, with its key.',
  },
  bedrock: {
    label: 'Amazon Bedrock',
    detail: 'A region, and a profile of your AWS configuration. Requests are signed outside of the sandbox.',
  },
};

/** Asks how models are reached, and keeps the key. Nothing changes where the user stops half-way. */
export async function setModelKey({ keys, dialogs }: KeyContext): Promise<void> {
  const items = PROVIDERS.map((provider) => ({ ...LABELS[provider], provider }));
  const picked = await dialogs.pick(items, 'Set Model Key', 'How is the model reached?');
  if (picked === undefined) return;
  const { provider, label } = picked;
  if (provider === 'bedrock') return setBedrock(dialogs);
  const baseUrl = provider === 'compatible' ? await askBaseUrl(dialogs) : '';
  if (baseUrl === undefined) return;
  const optional = provider === 'compatible';
  const key = await dialogs.input({
    title: `Set Model Key: ${label}`,
    prompt: `${optional ? 'The key; empty where none is needed' : 'The key'}. It is kept in the secret store of your editor.`,
    password: true,
    check: (text) =>
      (optional && text === '') || isKey(text.trim()) ? undefined : 'A key has no spaces and is not empty.',
  });
  if (key === undefined) return;
  const place = provider === 'compatible' ? { provider, baseUrl } : { provider };
  if (key === '') await keys.remove(place);
  else await keys.set(place, key.trim());
  if (provider === 'compatible') await setSetting('task.baseUrl', baseUrl);
  await setSetting('task.provider', provider);
  void dialogs.ask({ severity: 'info', message: `Tasks reach their model by: ${placeName(place)}.` });
}

/** Forgets a key that the user picks. */
export async function removeModelKey({ keys, dialogs }: KeyContext): Promise<void> {
  const places = await keys.places();
  if (places.length === 0) {
    throw new OffloadError('bad-request', 'No key of a model is stored.');
  }
  const items = places.map((place) => ({ label: `$(key) ${placeName(place)}`, place }));
  const picked = await dialogs.pick(items, 'Remove Model Key', 'Which key is to be forgotten?');
  if (picked === undefined) return;
  await keys.remove(picked.place);
  void dialogs.ask({ severity: 'info', message: `The key for ${placeName(picked.place)} is forgotten.` });
}

async function setBedrock(dialogs: Dialogs): Promise<void> {
  const title = 'Set Model Key: Amazon Bedrock';
  const region = await dialogs.input({
    title,
    prompt: 'The region, such as us-east-1.',
    value: current('task.bedrock.region'),
    check: (text) => (text === '' ? 'A region is needed.' : why('task.bedrock.region', text)),
  });
  if (region === undefined) return;
  const profile = await dialogs.input({
    title,
    prompt: 'The profile of your AWS configuration; empty for its default.',
    value: current('task.bedrock.profile'),
    check: (text) => why('task.bedrock.profile', text),
  });
  if (profile === undefined) return;
  await setSetting('task.bedrock.region', region);
  await setSetting('task.bedrock.profile', profile);
  await setSetting('task.provider', 'bedrock');
  void dialogs.ask({ severity: 'info', message: `Tasks reach their model by Amazon Bedrock in ${region}.` });
}

const askBaseUrl = (dialogs: Dialogs): Promise<string | undefined> =>
  dialogs.input({
    title: 'Set Model Key: Compatible endpoint',
    prompt: 'The address of an endpoint that speaks the Messages API.',
    value: current('task.baseUrl'),
    check: (text) => (text === '' ? 'An address is needed.' : why('task.baseUrl', text)),
  });

type TextSetting = 'task.baseUrl' | 'task.bedrock.region' | 'task.bedrock.profile';

/** What is wrong with a text for a setting. */
function why(name: TextSetting, text: string): string | undefined {
  const result = TASK_SETTINGS[name].schema.safeParse(text);
  return result.success ? undefined : result.error.issues[0]?.message;
}

const current = (name: TextSetting): string =>
  String(vscode.workspace.getConfiguration(SECTION).get(name) ?? '');

const setSetting = async (name: TextSetting | 'task.provider', value: string): Promise<void> => {
  await vscode.workspace.getConfiguration(SECTION).update(name, value, vscode.ConfigurationTarget.Global);
};
