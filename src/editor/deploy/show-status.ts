import type * as vscode from 'vscode';
import type { AwsClients } from '../../core/aws/clients.ts';
import { findDrift } from '../../core/deploy/drift.ts';
import { architectureIn } from '../../core/deploy/prices.ts';
import { noteDeployment } from '../../core/deploy/note-deployment.ts';
import { readBackendSource } from '../../core/deploy/source.ts';
import { spentSince, spentSoFar } from '../../core/deploy/spent.ts';
import { backendStatus } from '../../core/deploy/status.ts';
import { localFolders } from '../../core/local/folders.ts';
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
  signal: AbortSignal;
}

/** Shows how a backend stands at once, and what takes longer as it comes. @throws OffloadError */
export async function showStatus({ aws, place, folder, document, signal }: StatusContext): Promise<void> {
  const { stack, profile } = place;
  const status = await backendStatus({ aws, stack, source: await readBackendSource(folder), signal });
  // Runs can go there from now on, whoever deployed it.
  await noteDeployment(localFolders().state, status, profile);
  const known: KnownStatus = { status, profile, drift: undefined, spent: undefined };
  await document.show({ text: statusText(known), buttons: buttonsOf(known) });
  if (status.status === undefined || status.version === 'none') return;
  const said = (error: unknown): string => {
    signal.throwIfAborted();
    return asOffloadError(error).message;
  };
  const architecture = architectureIn(status.parameters);
  const update = (): void => {
    document.update({ text: statusText(known), buttons: buttonsOf(known) });
  };
  await Promise.all([
    spentSoFar({ aws, stack, architecture, since: spentSince(), signal })
      .catch(said)
      .then((spent) => {
        known.spent = spent;
        update();
      }),
    findDrift({ aws, stack, signal })
      .catch(said)
      .then((drift) => {
        known.drift = drift;
        update();
      }),
  ]);
}

/** The buttons above the first line. */
function buttonsOf({
  status: { status, version },
}: KnownStatus): { line: number; command: vscode.Command }[] {
  const button = (command: string, title: string) => ({ line: 0, command: { command, title } });
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
