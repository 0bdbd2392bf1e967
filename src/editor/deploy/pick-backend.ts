import { readDeployments, type Deployment } from '../../core/deploy/deployment.ts';
import { localFolders } from '../../core/local/folders.ts';
import type { Dialogs } from '../dialogs.ts';
import type { PlaceContext } from './ask-place.ts';
import { interruptedDeploy } from './interrupted.ts';
import { placeWords, type Place } from './place.ts';

/**
 * A backend that this machine has deployed, or one that is somewhere else; undefined where the user picks none.
 * @param ask asks where it is
 */
export async function pickBackend(
  dialogs: Dialogs,
  title: string,
  ask: () => Promise<Place | undefined>,
): Promise<Place | undefined> {
  const known = await readDeployments(localFolders().state);
  const [only] = known;
  if (known.length === 1 && only !== undefined) return placeOf(only);
  if (known.length === 0) return ask();
  const items = [
    ...known.map((each) => ({
      label: `$(server-environment) ${placeWords(each)}`,
      description: `account ${each.account}`,
      place: placeOf(each),
    })),
    { label: '$(search) Another…', description: 'one that another machine has deployed', place: undefined },
  ];
  const picked = await dialogs.pick(items, title, 'Which backend?');
  return picked !== undefined && picked.place === undefined ? ask() : picked?.place;
}

/** What a closed window has left of a deploy, where the user goes on with it. @throws an AbortError where they close it */
export async function pickInterrupted({
  dialogs,
  memory,
}: Pick<PlaceContext, 'dialogs' | 'memory'>): Promise<Place | undefined> {
  const place = interruptedDeploy(memory);
  if (place === undefined) return undefined;
  const items = [
    {
      label: `$(debug-continue) Go on with ${placeWords(place)}`,
      description: 'its window was closed meanwhile',
      place,
    },
    { label: '$(cloud-upload) Deploy somewhere else', description: '', place: undefined },
  ];
  const picked = await dialogs.pick(items, 'Deploy Backend', 'A deploy was cut off.');
  if (picked === undefined) throw new DOMException('The user wants no more of it.', 'AbortError');
  return picked.place;
}

const placeOf = ({ profile, region, stack }: Deployment): Place => ({ profile, region, stack });
