import { asAwsError } from '../../core/aws/aws-error.ts';
import type { AwsClients } from '../../core/aws/clients.ts';
import { awsIdentity } from '../../core/aws/identity.ts';
import { destroy, WHAT_STAYS } from '../../core/deploy/destroy.ts';
import type { Dialogs } from '../dialogs.ts';
import { forgetDeploys } from './deploy-notes.ts';
import { placeWords, requireAccount, type Place } from './place.ts';
import type { BackendWork } from './work.ts';

export interface DestroyContext {
  place: Place;
  aws: AwsClients;
  work: BackendWork;
  dialogs: Dialogs;
  /** The state folder, where the deployment is noted. */
  state: string;
  /** Told of what went wrong and does not change how it ended. */
  log: (error: unknown, doing: string) => void;
}

/**
 * Removes a backend, once its name was typed, from the account that it is in and no other.
 * @returns whether it came to its end; undefined where the user does not want it
 * @throws OffloadError in words for what AWS refuses
 */
export async function destroyAt(context: DestroyContext): Promise<boolean | undefined> {
  const { place, aws, work, dialogs, state, log } = context;
  const { stack, region } = place;
  const { account } = await awsIdentity(aws).catch((error: unknown) => {
    throw asAwsError(error, place);
  });
  requireAccount(place, account);
  const typed = await dialogs.input({
    title: `Destroy Backend: ${placeWords(place)}`,
    prompt: `This removes the stack ${stack} from AWS account ${account} with all that it holds: runs, their files, logs, the image, the key of the model. Type ${stack} to go on.`,
    check: (text) => (text === stack ? undefined : `Type ${stack} to remove it.`),
  });
  if (typed === undefined) return undefined;
  const whole = await work.carryOut(
    {
      title: `Removing ${placeWords(place)}`,
      where: `${account} · ${region} · ${stack}`,
      done: 'It is removed.',
      stopped: 'Stopped. AWS may go on with what it has begun.',
    },
    (signal) => destroy({ aws, stack, typed, account, state, signal }),
  );
  if (whole) {
    await forgetDeploys(state, { ...place, account }).catch((error: unknown) => {
      log(error, 'what was left of a deploy there could not be forgotten');
    });
  }
  const message = whole
    ? `${placeWords(place)} is removed. ${WHAT_STAYS}`
    : 'Stopped. Destroying again goes on from there.';
  void dialogs.ask({ severity: 'info', message });
  return whole;
}
