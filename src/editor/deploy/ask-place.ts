import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import { awsProfiles } from '../../core/aws/profiles.ts';
import type { Dialogs } from '../dialogs.ts';
import type { AwsSettings } from '../settings/aws-settings.ts';
import type { Place } from './place.ts';
import { profileItems } from './profile-items.ts';
import { regionItems, wrongRegion } from './region-items.ts';

/** Where this machine remembers what was chosen. */
const CHOSEN = 'offload.aws.chosen';
const chosenSchema = z.object({ profile: z.optional(z.string()), region: z.optional(z.string()) });

export interface PlaceContext {
  dialogs: Dialogs;
  /** Of this machine. */
  memory: Memento;
  settings: AwsSettings;
  env: NodeJS.ProcessEnv;
}

/** Asks whose account and which region; undefined where the user wants no more of it. What was chosen is remembered. */
export async function askPlace(context: PlaceContext, title: string): Promise<Place | undefined> {
  const { dialogs, memory, settings, env } = context;
  const last = chosenBefore(memory);
  const profiles = await awsProfiles();
  const preferred = settings.profile ?? (last === undefined ? null : last.profile);
  const count = profiles.length === 0 ? 'There is no profile in ~/.aws/config' : 'Whose AWS account';
  const credentials = await dialogs.pick(
    profileItems(profiles, env, preferred),
    `${title} (1/2)`,
    `${count}: which credentials are to be used?`,
  );
  if (credentials === undefined) return undefined;
  const { profile } = credentials;
  const own = profiles.find(({ name }) => name === (profile ?? env['AWS_PROFILE'] ?? 'default'))?.region;
  const items = regionItems([
    { region: settings.region, why: 'your setting' },
    ...(last !== undefined && last.profile === profile ? [{ region: last.region, why: 'last used' }] : []),
    ...(profile === undefined
      ? [{ region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'], why: 'the environment’s' }]
      : []),
    { region: own, why: 'the profile’s' },
  ]);
  const picked = await dialogs.pick(items, `${title} (2/2)`, 'In which region?');
  const region =
    picked !== undefined && picked.region === undefined ? await typedRegion(dialogs, title) : picked?.region;
  if (region === undefined) return undefined;
  await memory.update(CHOSEN, { ...(profile === undefined ? {} : { profile }), region });
  return { profile, region, stack: settings.stack };
}

function chosenBefore(memory: Memento): z.infer<typeof chosenSchema> | undefined {
  const kept = chosenSchema.safeParse(memory.get(CHOSEN));
  return kept.success ? kept.data : undefined;
}

const typedRegion = async (dialogs: Dialogs, title: string): Promise<string | undefined> =>
  (
    await dialogs.input({
      title,
      prompt: 'The region. It has to be switched on for the account.',
      placeholder: 'eu-central-2',
      check: wrongRegion,
    })
  )?.trim();
