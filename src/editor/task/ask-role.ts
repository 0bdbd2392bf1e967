import { isAbsolute } from 'node:path';
import { parsePurpose, PURPOSES, type OfferedPurpose } from '../../core/aws/role/purpose.ts';
import { roleProblem } from '../../core/aws/role/role-arn.ts';
import { asOffloadError } from '../../protocol/error.ts';
import { wrongRegion } from '../deploy/region-items.ts';
import type { Dialogs } from '../dialogs.ts';
import { labelText } from '../plain-text.ts';
import type { RoleChoice } from './role-choice.ts';

/** What is known of AWS on this machine. */
export interface AwsHere {
  /** The ARNs of roles that were named before. */
  readonly roles: readonly string[];
  /** Keeps one for the next time, where it can. Never throws. */
  remember(arn: string): Promise<void>;
  /** The profiles of the user's AWS configuration. */
  profiles(): Promise<readonly string[]>;
  /** The region that is meant where none is named; undefined where there is none. */
  region(profile: string | undefined): Promise<string | undefined>;
}

/** A choice, none at all, or (undefined) the one that there was. */
type Answer = { role: RoleChoice | undefined } | undefined;

/** Asks for a role, what it is for, and who takes it. */
export async function askRole(dialogs: Dialogs, aws: AwsHere): Promise<Answer> {
  const arn = await askArn(dialogs, aws.roles);
  if (arn === undefined) return undefined;
  if (arn === '') return { role: undefined };
  const purpose = await askPurpose(dialogs);
  if (purpose === undefined) return undefined;
  const profile = await askProfile(dialogs, await aws.profiles());
  if (profile === undefined) return undefined;
  const choice = { arn, purpose, ...(profile === '' ? {} : { profile }) };
  if ((await aws.region(choice.profile)) !== undefined) {
    await aws.remember(arn);
    return { role: choice };
  }
  const region = await dialogs.input({
    title: 'AWS Role',
    prompt: 'The region that it is for, such as eu-west-1.',
    check: wrongRegion,
  });
  if (region === undefined) return undefined;
  await aws.remember(arn);
  return { role: { ...choice, region: region.trim() } };
}

async function askArn(dialogs: Dialogs, known: readonly string[]): Promise<string | undefined> {
  const items = [
    { label: 'None', detail: 'The task has nothing of AWS.', arn: '' },
    ...known.map((arn) => ({ label: labelText(arn), arn })),
    { label: '$(edit) Another…', arn: undefined },
  ];
  const picked = await dialogs.pick(items, 'AWS Role', 'Whose session the task gets, narrowed to a purpose');
  if (picked === undefined || picked.arn !== undefined) return picked?.arn;
  const typed = await dialogs.input({
    title: 'AWS Role',
    prompt: 'The ARN of the role. You take it by your own credentials; the task gets a session of it.',
    placeholder: 'arn:aws:iam::123456789012:role/reader',
    check: (text) => {
      const problem = roleProblem(text.trim());
      return problem && `It ${problem}.`;
    },
  });
  return typed?.trim();
}

async function askPurpose(dialogs: Dialogs): Promise<string | undefined> {
  const items = PURPOSES.map((offered) => ({
    label: offered.name,
    ...(offered.takes === undefined ? {} : { description: offered.takes }),
    detail: `May ${offered.means}.`,
    offered,
  }));
  const offered = (await dialogs.pick(items, 'AWS Role', 'What is it for? AWS holds the task to that'))
    ?.offered;
  return offered?.takes === undefined ? offered?.name : askNames(dialogs, offered, offered.takes);
}

async function askNames(
  dialogs: Dialogs,
  { name, example }: OfferedPurpose,
  takes: string,
): Promise<string | undefined> {
  const typed = await dialogs.input({
    title: 'AWS Role',
    prompt: `${name}: ${takes}`,
    placeholder: example.slice(name.length + 1),
    check: (text) => {
      // The window's own folder is no place that a relative one could be seen from.
      if (name === 'file' && !isAbsolute(text.trim())) return 'Give the absolute path of the file.';
      try {
        parsePurpose(`${name}:${text.trim()}`);
        return undefined;
      } catch (error) {
        const { message, fix } = asOffloadError(error);
        return [message, fix].join(' ');
      }
    },
  });
  return typed === undefined ? undefined : `${name}:${typed.trim()}`;
}

/** Empty for the default credentials. */
async function askProfile(dialogs: Dialogs, names: readonly string[]): Promise<string | undefined> {
  if (names.length === 0) return '';
  const items = [
    { label: 'Default Credentials', profile: '' },
    ...names.map((profile) => ({ label: labelText(profile), profile })),
  ];
  return (await dialogs.pick(items, 'AWS Role', 'Who takes the role, by a profile of ~/.aws/config'))
    ?.profile;
}
