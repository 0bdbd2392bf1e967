import { REGION_NAME } from '../../protocol/aws-names.ts';
import { OffloadError } from '../../protocol/error.ts';
import { assertProfile, awsProfiles } from './profiles.ts';

export interface RegionChoice {
  region?: string | undefined;
  profile?: string | undefined;
  env?: NodeJS.ProcessEnv;
}

/**
 * The region that is meant: the one that is named, else AWS_REGION's or AWS_DEFAULT_REGION's, else the profile's.
 * @throws OffloadError `bad-setting` where none is, or what is named is no region's name; `no-credentials` where it would be
 * that of a profile which is not there
 */
export async function resolveRegion({ region, profile, env = process.env }: RegionChoice): Promise<string> {
  const named = [region, env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find(isGiven);
  const chosen = named ?? (await regionOfProfile([profile, env['AWS_PROFILE']].find(isGiven)));
  if (chosen === undefined) {
    throw new OffloadError('bad-setting', 'No AWS region is set.', {
      fix: 'Name one, for example eu-west-1, or set AWS_REGION.',
    });
  }
  if (REGION_NAME.test(chosen)) return chosen;
  throw new OffloadError('bad-setting', `${JSON.stringify(chosen)} is not the name of an AWS region.`, {
    fix: 'Name one like eu-west-1 or us-east-1.',
  });
}

const isGiven = (text: string | undefined): boolean => text !== undefined && text !== '';

async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  if (profile !== undefined) await assertProfile(profile);
  return (await awsProfiles()).find(({ name }) => name === (profile ?? 'default'))?.region;
}
