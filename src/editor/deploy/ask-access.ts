import type { ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { KeyStore } from '../task/key-store.ts';
import { modelAccess } from '../task/model-access.ts';

/** How tasks in AWS are to reach their model, and how that is said. It holds a key. */
export interface AccessChoice {
  /** Undefined where it stays as it is. */
  access: ModelAccess | undefined;
  words: string;
}

export interface AccessContext {
  dialogs: Dialogs;
  keys: Pick<KeyStore, 'get'>;
  /** Reads them anew. */
  settings: () => TaskSettings;
  /** Has the user set how models are reached in Offload. */
  setKey: () => Promise<void>;
  /** Where the backend is deployed. */
  region: string;
  /** Whether a backend answers there, whose access can stay. */
  deployed: boolean;
}

const KEEP: AccessChoice = { access: undefined, words: 'stays as the backend has it' };
const NONE: AccessChoice = {
  access: { provider: 'messages' },
  words: 'none (code runs, tasks of agents do not)',
};

const NAMES = {
  anthropic: 'your Anthropic API key',
  subscription: 'the token of your Claude subscription',
  compatible: 'your compatible endpoint',
} as const;

/** Asks how tasks there reach their model; undefined where the user wants no more of it. */
export async function askAccess(context: AccessContext): Promise<AccessChoice | undefined> {
  for (;;) {
    const picked = await pickAccess(context);
    if (picked !== 'set a key') return picked;
    await context.setKey();
  }
}

async function pickAccess(context: AccessContext): Promise<AccessChoice | 'set a key' | undefined> {
  const { dialogs, deployed, region } = context;
  const settings = context.settings();
  const own = await ownAccess(context.keys, settings);
  const bedrock =
    settings.provider === 'bedrock' && settings.bedrockRegion !== '' ? settings.bedrockRegion : region;
  // What an item shows is all that it holds: a key is no part of it.
  const items: { label: string; description: string; choose: () => AccessChoice | 'set a key' }[] = [
    ...(deployed ? [{ label: '$(check) Keep what is there', description: '', choose: () => KEEP }] : []),
    ...(own === undefined
      ? [
          {
            label: '$(key) Set a Key…',
            description: 'there is none in Offload that could be used from AWS',
            choose: () => 'set a key' as const,
          },
        ]
      : [
          {
            label: `$(key) ${own.label}`,
            description: 'it is stored in a secret of your account',
            choose: () => own.choice,
          },
        ]),
    {
      label: '$(cloud) Amazon Bedrock',
      description: `in ${bedrock}, by the backend’s own role: no key`,
      choose: (): AccessChoice => ({
        access: { provider: 'bedrock', region: bedrock },
        words: `Amazon Bedrock in ${bedrock}`,
      }),
    },
    {
      label: '$(circle-slash) None',
      description: 'code runs, and tasks of agents do not',
      choose: () => NONE,
    },
  ];
  const title = 'Deploy Backend: the model of tasks';
  return (await dialogs.pick(items, title, 'How do tasks in AWS reach their model?'))?.choose();
}

/** What is set in Offload, where it can be used from AWS. */
async function ownAccess(
  keys: AccessContext['keys'],
  settings: TaskSettings,
): Promise<{ label: string; choice: AccessChoice } | undefined> {
  const { provider, baseUrl } = settings;
  if (provider === 'bedrock') return undefined;
  try {
    const access = await modelAccess(settings, keys);
    // A model on this machine is not to be reached from there.
    if (provider === 'compatible' && isHere(baseUrl)) return undefined;
    const label = NAMES[provider];
    const at = provider === 'compatible' ? ` (${baseUrl})` : '';
    return {
      label: `${label.replace(/^your/, 'Your').replace(/^the/, 'The')}${at}`,
      choice: { access, words: `${label}${at}, stored in a secret of the account` },
    };
  } catch (error) {
    if (error instanceof OffloadError) return undefined;
    throw error;
  }
}

const isHere = (address: string): boolean =>
  URL.canParse(address) && /^(localhost|127\..*|\[::1\]|.*\.localhost)$/.test(new URL(address).hostname);
