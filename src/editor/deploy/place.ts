import * as z from 'zod/mini';
import { STACK_NAME } from '../../core/deploy/deployment.ts';
import { ACCOUNT_ID, REGION_NAME } from '../../protocol/aws-names.ts';
import { OffloadError } from '../../protocol/error.ts';

const schema = z.object({
  profile: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  region: z.string().check(z.regex(REGION_NAME)),
  stack: z.string().check(z.regex(STACK_NAME)),
  account: z.optional(z.string().check(z.regex(ACCOUNT_ID))),
});

/** Where a backend is, or is to be: whose account by the profile, the region and the stack. */
export interface Place {
  /** Of the shared AWS configuration; the default credentials where it is undefined. */
  profile: string | undefined;
  region: string;
  stack: string;
  /** The account that it is in, where that is known. */
  account?: string | undefined;
}

/** A place as a file or the argument of a command has it; undefined where it is none. */
export function parsePlace(value: unknown): Place | undefined {
  const { data } = schema.safeParse(value);
  return data && { ...data, profile: data.profile };
}

/** Whether two are the same backend, by whatever profile, so far as their accounts are known. */
export const isSamePlace = (one: Place, other: Place): boolean =>
  one.region === other.region &&
  one.stack === other.stack &&
  (one.account === undefined || other.account === undefined || one.account === other.account);

/** A place in words. */
export const placeWords = ({ stack, region }: Pick<Place, 'stack' | 'region'>): string =>
  `${stack} in ${region}`;

/** The profile of a place in words. */
export const profileWords = (profile: string | undefined): string =>
  profile === undefined ? 'the default credentials' : `the profile ${profile}`;

/**
 * Holds credentials to the account that a place is in: a profile may have come to mean another one since.
 * @param account that the credentials are of
 * @throws OffloadError `no-credentials` where that is another one
 */
export function requireAccount(place: Place, account: string): void {
  if (place.account === undefined || place.account === account) return;
  const { profile, account: meant } = place;
  throw new OffloadError(
    'no-credentials',
    `${placeWords(place)} is in AWS account ${meant}, not in ${account}, which is that of ${profileWords(profile)}.`,
    { fix: `Choose a profile of AWS account ${meant}.` },
  );
}
