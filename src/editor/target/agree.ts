import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { holdsNetwork } from '../../core/targets/fit.ts';
import { isAway, targetId, type Target } from '../../core/targets/target.ts';
import type { Network } from '../../protocol/network.ts';
import { costText } from '../../protocol/usage.ts';
import type { Dialogs } from '../dialogs.ts';
import { networkDetail } from '../network-detail.ts';
import type { Place } from './targets.ts';

/** What the user has agreed to of a place, for a workspace. */
const agreementSchema = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  /** Whether runs there may reach the network though that was not asked for, since the place cannot close it. */
  open: z.boolean(),
});

const KEY = 'offload.agreedToRun:';
const AGREE = 'Run There';

/** How a dialog names a place that files leave this machine for. */
export const destinationOf = (target: Target): string | undefined =>
  isAway(target) ? `AWS account ${target.account} in ${target.region}` : undefined;

/**
 * Asks, once for each workspace and place, before anything leaves this machine, and where a place cannot hold programs to
 * the network that is asked for. Nothing is weakened without that.
 * @returns the network that the run has
 * @throws an AbortError where the user does not want it
 */
export async function agreeToPlace(
  { target, label, can, placed }: Pick<Place, 'target' | 'label' | 'can' | 'placed'>,
  network: Network,
  { dialogs, memory }: { dialogs: Dialogs; memory: vscode.Memento },
): Promise<Network> {
  if (can === undefined) return network;
  // Where it cannot be open either, the place says by itself what it cannot do.
  const opens = !holdsNetwork(network, can) && can.network.includes('open');
  const destination = destinationOf(target);
  if (destination === undefined && !opens) return network;
  const agreed = agreementSchema.safeParse(memory.get(KEY + targetId(target))).data;
  if (agreed === undefined || (opens && !agreed.open)) {
    const answer = await dialogs.ask({
      severity: 'warning',
      modal: true,
      message: `Run on ${label}?`,
      detail: [
        ...(destination === undefined
          ? []
          : [`What is run, and the files that go along, leave this computer for ${destination}.`]),
        ...(opens
          ? [
              `It cannot hold programs to what you have set (${networkDetail(network)}): they can reach the internet there, and send what they see.`,
            ]
          : []),
        ...(placed.hourUsd === undefined
          ? []
          : [`An hour costs about ${costText(placed.hourUsd)}, besides the model.`]),
        'You are asked once for this workspace.',
      ].join('\n\n'),
      buttons: [AGREE],
    });
    if (answer !== AGREE) throw new DOMException('It is not to run there.', 'AbortError');
    await memory.update(KEY + targetId(target), { at: Date.now(), open: opens || agreed?.open === true });
  }
  return opens ? 'open' : network;
}

/** From now on it is asked for again. */
export async function forgetPlaces(memory: vscode.Memento): Promise<void> {
  for (const key of memory.keys()) if (key.startsWith(KEY)) await memory.update(key, undefined);
}
