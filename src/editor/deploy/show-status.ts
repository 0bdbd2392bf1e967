import type * as vscode from 'vscode';
import type { AwsClients } from '../../core/aws/clients.ts';
import { findDrift } from '../../core/deploy/drift.ts';
import { architectureIn } from '../../core/deploy/architecture.ts';
import { noteDeployment } from '../../core/deploy/note-deployment.ts';
import { readBackendSource } from '../../core/deploy/source.ts';
import { spentSince, spentSoFar } from '../../core/deploy/spent.ts';
import { backendStatus } from '../../core/deploy/status.ts';
import { isSaidClosed, tryNetwork } from '../../core/deploy/try-network.ts';
import { asOffloadError } from '../../protocol/error.ts';
import type { ReportDocument } from '../report/report-document.ts';
import type { Place } from './place.ts';
import { statusText, type KnownStatus } from './status-report.ts';

export interface StatusContext {
  aws: AwsClients;
  place: Place;
  /** The built backend. */
  folder: string;
  document: ReportDocument;
  /** The state folder, where deployments are noted. */
  state: string;
  /** Told when it was noted that runs can go there. */
  onNoted: () => void;
  /** Ends the look. */
  signal: AbortSignal;
  /** Whether the document is still this look's, and not a later one's. */
  isCurrent: () => boolean;
}

/** Shows how a backend stands at once, and what takes longer as it comes. @throws OffloadError */
export async function showStatus(context: StatusContext): Promise<void> {
  const { aws, place, folder, document, signal, isCurrent } = context;
  const { stack, profile } = place;
  const status = await backendStatus({ aws, stack, source: await readBackendSource(folder), signal });
  const known: KnownStatus = { status, profile, drift: undefined, spent: undefined, network: undefined };
  const there = { ...place, account: status.account };
  const shown = () => ({ text: statusText(known), buttons: buttonsOf(known, there) });
  if (!isCurrent()) return;
  await document.show(shown());
  const update = (found: Partial<KnownStatus>): void => {
    Object.assign(known, found);
    if (isCurrent()) document.update(shown());
  };
  await note(context, known).catch((error: unknown) => {
    update({ notNoted: asOffloadError(error).message });
  });
  if (status.status === undefined || status.version === 'none') return;
  const said = (error: unknown): string =>
    signal.aborted ? 'you have stopped the look; look again to have it' : asOffloadError(error).message;
  const architecture = architectureIn(status.parameters);
  await Promise.all([
    spentSoFar({ aws, stack, architecture, since: spentSince(), signal })
      .catch(said)
      .then((spent) => {
        update({ spent });
      }),
    findDrift({ aws, stack, signal })
      .catch(said)
      .then((drift) => {
        update({ drift });
      }),
    networkOf(context, known)
      .catch(said)
      .then((network) => {
        update({ network });
      }),
  ]);
}

/** Runs can go there from now on, whoever deployed it. */
async function note({ state, onNoted }: StatusContext, { status, profile }: KnownStatus): Promise<void> {
  if ((await noteDeployment(state, status, profile)) !== undefined) onNoted();
}

/** Of a backend whose runs are said to be closed to the network, what a run finds of that. */
async function networkOf(
  { aws, signal }: StatusContext,
  { status: { condition, outputs, parameters } }: KnownStatus,
): Promise<string> {
  const { ControlFunction: controlFunction, RunnerFunction: runnerFunction } = outputs;
  if (!isSaidClosed(parameters) || controlFunction === undefined || runnerFunction === undefined) return '';
  if (condition !== 'ready') return 'it is tried once the stack is ready';
  const open = await tryNetwork(aws, { controlFunction, runnerFunction }, signal);
  return open === undefined ? 'closed, as a run has found just now' : `${open.message} ${open.fix ?? ''}`;
}

/** The buttons above the first line, each for the backend that is shown. */
function buttonsOf(
  { status: { status, version } }: KnownStatus,
  place: Place,
): { line: number; command: vscode.Command }[] {
  const button = (command: string, title: string) => ({
    line: 0,
    command: { command, title, arguments: [place] },
  });
  const again = button('offload.showBackendStatus', '$(refresh) Look again');
  const deploy = (title: string) => button('offload.deployBackend', `$(cloud-upload) ${title}`);
  if (status === undefined) return [again, deploy('Deploy backend')];
  return [
    again,
    ...(version === 'same' ? [] : version === 'newer' ? [] : [deploy('Update backend')]),
    button('offload.showFunctionLogs', '$(output) Function logs'),
    button('offload.destroyBackend', '$(trash) Destroy backend'),
  ];
}
