import { REGION_NAME } from '../../protocol/aws-names.ts';

/**
 * The regions that every AWS account has from the start; others have to be switched on, and can be typed.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'N. Virginia',
  'us-east-2': 'Ohio',
  'us-west-1': 'N. California',
  'us-west-2': 'Oregon',
  'ca-central-1': 'Canada Central',
  'sa-east-1': 'São Paulo',
  'eu-west-1': 'Ireland',
  'eu-west-2': 'London',
  'eu-west-3': 'Paris',
  'eu-central-1': 'Frankfurt',
  'eu-north-1': 'Stockholm',
  'ap-south-1': 'Mumbai',
  'ap-southeast-1': 'Singapore',
  'ap-southeast-2': 'Sydney',
  'ap-northeast-1': 'Tokyo',
  'ap-northeast-2': 'Seoul',
  'ap-northeast-3': 'Osaka',
};

export interface RegionItem {
  label: string;
  description: string;
  /** Undefined where it is to be typed. */
  region: string | undefined;
}

/** Why a region may come first. */
export interface PreferredRegion {
  region: string | undefined;
  /** Such as `last used`. */
  why: string;
}

/** The regions to choose from, the preferred ones first, and one to type. */
export function regionItems(preferred: readonly PreferredRegion[]): RegionItem[] {
  const first = new Map<string, string>();
  for (const { region, why } of preferred) {
    if (region !== undefined && REGION_NAME.test(region) && !first.has(region)) first.set(region, why);
  }
  const item = (region: string): RegionItem => ({
    label: region,
    description: [REGIONS[region], first.get(region)].filter((each) => each !== undefined).join(' · '),
    region,
  });
  return [
    ...[...first.keys()].map(item),
    ...Object.keys(REGIONS)
      .filter((region) => !first.has(region))
      .map(item),
    {
      label: '$(edit) Another region…',
      description: 'one that was switched on for the account',
      region: undefined,
    },
  ];
}

/** What is wrong with a text for a region. */
export const wrongRegion = (text: string): string | undefined =>
  REGION_NAME.test(text.trim()) ? undefined : 'A region has a name such as eu-west-1.';
