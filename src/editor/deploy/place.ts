/** Where a backend is, or is to be: whose account by the profile, the region and the stack. */
export interface Place {
  /** Of the shared AWS configuration; the default credentials where it is undefined. */
  profile: string | undefined;
  region: string;
  stack: string;
}

/** A place in words. */
export const placeWords = ({ stack, region }: Pick<Place, 'stack' | 'region'>): string =>
  `${stack} in ${region}`;

/** The profile of a place in words. */
export const profileWords = (profile: string | undefined): string =>
  profile === undefined ? 'the default credentials' : `the profile ${profile}`;
