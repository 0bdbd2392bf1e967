import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import { buildNotice, ownBackendHash } from '../../core/deploy/build-notice.ts';
import { readDeployments } from '../../core/deploy/deployment.ts';
import type { Dialogs } from '../dialogs.ts';
import { interruptedDeploy } from './interrupted.ts';
import { placeWords, type Place } from './place.ts';

/** Where it is noted for which builds an update was offered. */
const OFFERED = 'offload.aws.updateOffered';

export interface StartContext {
  dialogs: Dialogs;
  memory: Memento;
  /** The built backend. */
  folder: string;
  /** The state folder, where deployments are noted. */
  state: string;
  deploy: (place: Place) => Promise<unknown>;
}

/** Offers to go on with a deploy that was cut off, or else to update a backend of another build: each once. No network. */
export async function offerAtStart(context: StartContext): Promise<void> {
  const { memory, dialogs, deploy } = context;
  const left = interruptedDeploy(memory);
  if (left === undefined) return offerUpdate(context);
  const answer = await dialogs.ask({
    severity: 'info',
    message: `The deploy of ${placeWords(left)} was cut off when its window closed. What was made is there, and it can go on.`,
    buttons: ['Go On…'],
  });
  if (answer !== undefined) await deploy(left);
}

async function offerUpdate({ memory, dialogs, folder, state, deploy }: StartContext): Promise<void> {
  const [latest] = await readDeployments(state);
  if (latest === undefined) return;
  const own = await ownBackendHash(folder);
  const notice = buildNotice(latest, own);
  if (notice === undefined || own === undefined) return;
  const kept = z.array(z.string()).safeParse(memory.get(OFFERED));
  const offered = kept.success ? kept.data : [];
  const { account, region, stack, profile } = latest;
  const mark = [account, region, stack, own].join(' ');
  if (offered.includes(mark)) return;
  await memory.update(OFFERED, [...offered.slice(-20), mark]);
  const answer = await dialogs.ask({ severity: 'info', message: notice, buttons: ['Update Backend…'] });
  if (answer !== undefined) await deploy({ profile, region, stack });
}
