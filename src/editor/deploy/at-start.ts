import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import { startNotice, type StartFinding } from '../../core/deploy/at-start.ts';
import { buildNotice, ownBackendHash } from '../../core/deploy/build-notice.ts';
import { readDeployments, type Deployment } from '../../core/deploy/deployment.ts';
import { targetId, targetOf, type Target } from '../../core/targets/target.ts';
import type { Dialogs } from '../dialogs.ts';
import { editorWords } from '../report/editor-words.ts';
import { offerOnce } from './deploy-notes.ts';
import { placeWords, type Place } from './place.ts';

/** Where it is noted of which backends what was said. */
const SAID = 'offload.aws.updateOffered';

export interface StartContext {
  dialogs: Pick<Dialogs, 'ask'>;
  memory: Memento;
  /** The built backend. */
  folder: string;
  /** The state folder, where deployments are noted. */
  state: string;
  /** Where runs go. */
  chosen: Target;
  /** Looks how a backend stands; undefined where that cannot be found out without asking the user. */
  look: (deployment: Deployment) => Promise<StartFinding | undefined>;
  deploy: (place: Place) => Promise<unknown>;
  showStatus: (place: Place) => Promise<unknown>;
  chooseTarget: () => PromiseLike<unknown>;
}

/**
 * Offers to go on with a deploy that was cut off, or else tells how the backend stands: that which runs go to is looked at,
 * and the latest is known by what this machine noted when it deployed. Each is said once.
 */
export async function offerAtStart(context: StartContext): Promise<void> {
  const { dialogs, state, deploy } = context;
  const left = await offerOnce(state);
  if (left === undefined) return tellOfBackend(context);
  const answer = await dialogs.ask({
    severity: 'info',
    message: `The deploy of ${placeWords(left)} was cut off when its window closed. What was made is there, and it can go on.`,
    buttons: ['Go On…'],
  });
  if (answer !== undefined) await deploy(left);
}

/** What is to be said, once for its mark. */
interface News {
  mark: string;
  message: string;
  buttons: Readonly<Record<string, (place: Place) => PromiseLike<unknown>>>;
}

async function tellOfBackend(context: StartContext): Promise<void> {
  const { dialogs, memory, state, chosen } = context;
  const all = await readDeployments(state);
  const inUse = all.find((each) => targetId(targetOf(each)) === targetId(chosen));
  const deployment = inUse ?? all[0];
  const own = deployment && (await ownBackendHash(context.folder));
  if (deployment === undefined || own === undefined) return;
  const finding = inUse && (await context.look(inUse));
  const news =
    finding === undefined
      ? notedNews(context, deployment, own)
      : foundNews(context, deployment, finding, own);
  if (news === undefined) return;
  const { account, region, stack, profile } = deployment;
  const mark = [account, region, stack, news.mark].join(' ');
  const said = z.array(z.string()).safeParse(memory.get(SAID)).data ?? [];
  if (said.includes(mark)) return;
  await memory.update(SAID, [...said.slice(-20), mark]);
  const answer = await dialogs.ask({
    severity: 'info',
    message: editorWords(news.message),
    buttons: Object.keys(news.buttons),
  });
  if (answer !== undefined) await news.buttons[answer]?.({ profile, region, stack, account });
}

/** By what this machine noted. */
function notedNews({ deploy }: StartContext, deployment: Deployment, own: string): News | undefined {
  const message = buildNotice(deployment, own);
  return message === undefined ? undefined : { mark: own, message, buttons: { 'Update Backend…': deploy } };
}

/** By what was found in the account. */
function foundNews(
  { deploy, showStatus, chooseTarget }: StartContext,
  deployment: Deployment,
  finding: StartFinding,
  own: string,
): News | undefined {
  const message = startNotice(deployment, finding);
  if (message === undefined) return undefined;
  const { version, changedByHand } = finding;
  switch (version) {
    case 'other':
      return { mark: own, message, buttons: { 'Update Backend…': deploy } };
    case 'gone':
      return {
        mark: `gone ${String(deployment.deployedAt)}`,
        message,
        buttons: { 'Deploy Backend…': deploy, 'Choose Where Runs Go…': chooseTarget },
      };
    case 'newer':
      return { mark: `newer than ${own}`, message, buttons: { 'Show Status': showStatus } };
    default:
      return { mark: `changed ${String(changedByHand)}`, message, buttons: { 'Show Status': showStatus } };
  }
}
