import * as vscode from 'vscode';
import type { AwsClients } from '../../core/aws/clients.ts';
import { deploy } from '../../core/deploy/deploy.ts';
import { parseBackendOptions, type BackendOptions } from '../../core/deploy/options.ts';
import { planDeploy, type DeployPlan } from '../../core/deploy/plan.ts';
import { readBackendSource, type BackendSource } from '../../core/deploy/source.ts';
import { stuckStack } from '../../core/deploy/stack.ts';
import type { Dialogs } from '../dialogs.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import type { KeyStore } from '../task/key-store.ts';
import { askAccess } from './ask-access.ts';
import { forgetDeploying, interruptedDeploy, noteDeploying } from './interrupted.ts';
import { placeWords, type Place } from './place.ts';
import { DEPLOY, planQuestion } from './plan-question.ts';
import type { BackendWork } from './work.ts';

export interface DeployContext {
  place: Place;
  aws: AwsClients;
  work: BackendWork;
  dialogs: Dialogs;
  keys: KeyStore;
  /** Of this machine. */
  memory: vscode.Memento;
  /** The built backend. */
  folder: string;
  /** The state folder, where the deployment is noted. */
  state: string;
  /** As the settings say. */
  options: Record<string, unknown>;
}

/**
 * Says what a deploy would do and cost, has it agreed to, and carries it out. Nothing is written before the yes.
 * @throws OffloadError in words for what AWS refuses
 */
export async function deployTo(context: DeployContext): Promise<'deployed' | 'refused' | 'stopped'> {
  const { place, aws, dialogs, keys, memory, folder, options: set } = context;
  const { region, profile, stack } = place;
  const options = parseBackendOptions({ ...set, stack });
  const source = await readBackendSource(folder);
  const plan = await lookAt(place, { aws, source, options });
  if (plan === undefined) return 'refused';
  if (plan.condition === 'stuck') throw stuckStack(stack, plan.status);
  const deployed = plan.condition === 'ready' || plan.condition === 'busy';
  const settings = readTaskSettings();
  const chosen = await askAccess({ dialogs, keys, settings, region, deployed });
  if (chosen === undefined) return 'refused';
  const left = interruptedDeploy(memory);
  const goesOn = left?.stack === stack && left.region === region;
  // What would write nothing needs no yes: it looks whether the backend answers.
  if (!plan.upToDate || chosen.access !== undefined) {
    const question = planQuestion(plan, { profile, access: chosen.words, goesOn });
    if ((await dialogs.ask(question)) !== DEPLOY) return 'refused';
  }
  const { work, state } = context;
  await noteDeploying(place, memory);
  const whole = await work
    .carryOut(
      {
        title: `Deploying ${placeWords(place)}`,
        where: `${plan.account} · ${region} · ${stack}`,
        done: `Deployed to AWS account ${plan.account}.`,
        stopped: 'Stopped. What is there stays; deploying again goes on from there.',
      },
      (signal) =>
        deploy({
          ...{ aws, source, options, state, signal },
          account: plan.account,
          access: chosen.access,
          // What the plan has said, and no stack that has come to that state since.
          removeDead: plan.condition === 'dead',
        }),
    )
    .finally(() => forgetDeploying(memory));
  if (!whole) return 'stopped';
  const message = `The backend ${placeWords(place)} is deployed.`;
  void dialogs.ask({ severity: 'info', message, buttons: Object.keys(NEXT) }).then((answer) => {
    const command = answer === undefined ? undefined : NEXT[answer];
    if (command !== undefined) void vscode.commands.executeCommand(command);
  });
  return 'deployed';
}

/** What a user may want of a backend that is there, by its button. */
const NEXT: Readonly<Record<string, string>> = {
  'Choose Where Runs Go…': 'offload.chooseTarget',
  'Show Status': 'offload.showBackendStatus',
};

/** Looks at the account, which can be cancelled; undefined where it was. */
async function lookAt(
  place: Place,
  input: { aws: AwsClients; source: BackendSource; options: BackendOptions },
): Promise<DeployPlan | undefined> {
  const title = `Offload looks at ${placeWords(place)}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const stopping = new AbortController();
    token.onCancellationRequested(() => {
      stopping.abort();
    });
    try {
      return await planDeploy({ ...input, signal: stopping.signal });
    } catch (error) {
      if (stopping.signal.aborted) return undefined;
      throw error;
    }
  });
}
