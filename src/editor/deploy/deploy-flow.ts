import * as vscode from 'vscode';
import type { AwsClients } from '../../core/aws/clients.ts';
import { deploy } from '../../core/deploy/deploy.ts';
import { parseBackendOptions } from '../../core/deploy/options.ts';
import { planDeploy } from '../../core/deploy/plan.ts';
import { readBackendSource } from '../../core/deploy/source.ts';
import { stuckStack } from '../../core/deploy/stack.ts';
import { cancellable } from '../cancellable.ts';
import type { Dialogs } from '../dialogs.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import type { KeyStore } from '../task/key-store.ts';
import { setModelKey } from '../task/key-commands.ts';
import { askAccess } from './ask-access.ts';
import { leftDeploys } from './deploy-notes.ts';
import { noted } from './noted-deploy.ts';
import { isSamePlace, placeWords, requireAccount, type Place } from './place.ts';
import { DEPLOY, planQuestion } from './plan-question.ts';
import type { BackendWork } from './work.ts';

export interface DeployContext {
  place: Place;
  aws: AwsClients;
  work: BackendWork;
  dialogs: Dialogs;
  keys: KeyStore;
  /** The built backend. */
  folder: string;
  /** The state folder, where the deployment is noted. */
  state: string;
  /** As the settings say. */
  options: Record<string, unknown>;
  /** Told of what went wrong and does not change how the deploy ended. */
  log: (error: unknown, doing: string) => void;
}

/**
 * Says what a deploy would do and cost, has it agreed to, and carries it out. Nothing is written before the yes.
 * @throws OffloadError in words for what AWS refuses; an AbortError where the user wants no more of it before that
 */
export async function deployTo(context: DeployContext): Promise<'deployed' | 'refused' | 'stopped'> {
  const { place, aws, dialogs, keys, folder, state, options: set } = context;
  const { region, profile, stack } = place;
  const options = parseBackendOptions({ ...set, stack });
  const source = await readBackendSource(folder);
  const plan = await cancellable(`Offload looks at ${placeWords(place)}`, (signal) =>
    planDeploy({ aws, source, options, signal }),
  );
  const { account } = plan;
  requireAccount(place, account);
  if (plan.condition === 'stuck') throw stuckStack(stack, plan.status);
  const chosen = await askAccess({
    ...{ dialogs, keys, region, deployed: plan.serves },
    settings: readTaskSettings,
    setKey: () => setModelKey({ keys, dialogs }),
  });
  if (chosen === undefined) return 'refused';
  const there = { ...place, account };
  const goesOn = (await leftDeploys(state)).some((left) => isSamePlace(left.place, there));
  // What would write nothing needs no yes: it looks whether the backend answers.
  if (!plan.upToDate || chosen.access !== undefined) {
    const question = planQuestion(plan, { profile, access: chosen.words, goesOn });
    if ((await dialogs.ask(question)) !== DEPLOY) return 'refused';
  }
  const { work } = context;
  const whole = await noted({ ...context, place: there }, () =>
    work.carryOut(
      {
        title: `Deploying ${placeWords(place)}`,
        where: `${account} · ${region} · ${stack}`,
        done: `Deployed to AWS account ${account}.`,
        stopped: 'Stopped. What is there stays; deploying again goes on from there.',
      },
      (signal) =>
        deploy({
          ...{ aws, source, options, state, signal, account },
          access: chosen.access,
          // What the plan has said, and no stack that has come to that state since.
          removeDead: plan.condition === 'dead',
        }),
    ),
  );
  if (!whole) return 'stopped';
  void offerNext(dialogs, there);
  return 'deployed';
}

const CHOOSE = 'Choose Where Runs Go…';
const STATUS = 'Show Status';

/** What a user may want of a backend that is there. */
async function offerNext(dialogs: Dialogs, place: Place): Promise<void> {
  const answer = await dialogs.ask({
    severity: 'info',
    message: `The backend ${placeWords(place)} is deployed. Runs go there once you choose it.`,
    buttons: [CHOOSE, STATUS],
  });
  if (answer === CHOOSE) await vscode.commands.executeCommand('offload.chooseTarget');
  else if (answer === STATUS) await vscode.commands.executeCommand('offload.showBackendStatus', place);
}
