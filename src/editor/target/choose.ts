import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Deployment } from '../../core/deploy/deployment.ts';
import { targetId, type Target } from '../../core/targets/target.ts';
import { counted } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { requireTrust } from '../trust.ts';
import { iconOf } from './status-bar.ts';
import type { OfferedTarget, Targets } from './targets.ts';

/** Milliseconds that the list waits for engines to answer. */
const MAX_WAIT = 3000;

/** The command that deploys a backend. */
const DEPLOY = 'offload.deployBackend';

interface Item extends vscode.QuickPickItem {
  /** None for the one that makes another. */
  target?: Target;
}

/** `Offload: Choose Where Runs Go…`. */
export async function chooseTarget({
  targets,
  dialogs,
}: {
  targets: Targets;
  dialogs: Dialogs;
}): Promise<void> {
  requireTrust();
  // A daemon that hangs keeps nobody from choosing something else.
  await Promise.race([targets.lookForEngine(), delay(MAX_WAIT)]);
  const offered = await targets.offered();
  const chosen = targetId(targets.chosen);
  const items: Item[] = offered.map((each) => itemOf(each, targetId(each.target) === chosen));
  const commands = await vscode.commands.getCommands(true);
  if (commands.includes(DEPLOY))
    items.push({ label: '$(add) Deploy a Backend…', detail: 'In your own AWS account.' });
  const title = 'Where Runs and Tasks Go';
  const picked = await dialogs.pick(
    items,
    title,
    'Choose for this workspace; what runs already stays where it is',
  );
  if (picked === undefined) return;
  if (picked.target !== undefined) return targets.choose(picked.target);
  await vscode.commands.executeCommand(DEPLOY);
  targets.refresh();
}

function itemOf({ target, label, deployment }: OfferedTarget, isChosen: boolean): Item {
  return {
    label: `${iconOf(target)} ${label}`,
    ...(isChosen ? { description: 'chosen' } : {}),
    detail: deployment === undefined ? DETAILS[target.kind] : deploymentWords(deployment),
    target,
  };
}

const DETAILS: Record<Target['kind'], string> = {
  local: 'In a sandbox of its own, with the interpreters and agents that are here.',
  container: 'In containers on this computer, with what the image has.',
  lambda: 'In your AWS account.',
};

function deploymentWords({ account, stack, profile, deployedAt }: Deployment): string {
  const parts = [
    `Account ${account}`,
    `stack ${stack}`,
    profile === undefined ? 'default credentials' : `profile ${profile}`,
    `deployed ${age(Date.now() - deployedAt)}`,
  ];
  return parts.join(' · ');
}

const DAY = 24 * 3600 * 1000;

const age = (milliseconds: number): string =>
  milliseconds < DAY ? 'today' : `${counted(Math.floor(milliseconds / DAY), 'day')} ago`;
