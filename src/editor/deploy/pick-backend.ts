import { readDeployments } from '../../core/deploy/deployment.ts';
import { userAbort } from '../abort.ts';
import type { Dialogs } from '../dialogs.ts';
import { leftDeploys, type LeftDeploy } from './deploy-notes.ts';
import { isSamePlace, placeWords, type Place } from './place.ts';

export interface PickContext {
  dialogs: Pick<Dialogs, 'pick'>;
  /** The state folder, where deployments are noted. */
  state: string;
  title: string;
  /** Asks where it is. */
  ask: () => Promise<Place | undefined>;
  /** Whether it is asked for where there is but one, too, as before it is removed. */
  always?: boolean;
}

/**
 * A backend that this machine has deployed, or begun to deploy, or one that is somewhere else; undefined where the user
 * picks none.
 */
export async function pickBackend(context: PickContext): Promise<Place | undefined> {
  const { dialogs, state, title, ask, always = false } = context;
  const known = (await readDeployments(state)).map(({ profile, region, stack, account }): Place => ({
    profile,
    region,
    stack,
    account,
  }));
  const left = (await leftDeploys(state)).filter(
    ({ place }) => !known.some((each) => isSamePlace(each, place)),
  );
  const [only] = known;
  if (only === undefined && left.length === 0) return ask();
  if (known.length === 1 && left.length === 0 && !always) return only;
  const items = [
    ...known.map((place) => ({
      label: `$(server-environment) ${placeWords(place)}`,
      description: `account ${place.account ?? ''}`,
      place,
    })),
    ...left.map((each) => ({
      label: `$(debug-disconnect) ${placeWords(each.place)}`,
      description: `not deployed whole: ${howItEnded(each)}`,
      place: each.place,
    })),
    {
      label: '$(search) Another…',
      description: 'one that another machine has deployed, or that is not known here',
      place: undefined,
    },
  ];
  const picked = await dialogs.pick(items, title, 'Which backend?');
  return picked !== undefined && picked.place === undefined ? ask() : picked?.place;
}

/** What an earlier deploy has left, where the user goes on with it. @throws an AbortError where they close it */
export async function pickInterrupted(
  dialogs: Pick<Dialogs, 'pick'>,
  state: string,
): Promise<Place | undefined> {
  const left = await leftDeploys(state);
  if (left.length === 0) return undefined;
  const items = [
    ...left.map((each) => ({
      label: `$(debug-continue) Go on with ${placeWords(each.place)}`,
      description: howItEnded(each),
      place: each.place,
    })),
    { label: '$(cloud-upload) Deploy somewhere else', description: '', place: undefined },
  ];
  const picked = await dialogs.pick(items, 'Deploy Backend', 'An earlier deploy did not come to its end.');
  if (picked === undefined) throw userAbort();
  return picked.place;
}

const howItEnded = ({ ended }: LeftDeploy): string =>
  ended === undefined ? 'its window was closed meanwhile' : `it ${WORDS[ended]}`;

const WORDS = { failed: 'failed', stopped: 'was stopped' } as const;
