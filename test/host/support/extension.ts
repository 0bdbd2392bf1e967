import * as vscode from 'vscode';
import type { TestAccess } from '../../../src/editor/extension.ts';
import type { Offload } from '../../../src/editor/offload.ts';
import { AnsweredDialogs } from './dialogs.ts';

/** The extension, as the editor that the tests run in has loaded it. */
export function extension(): vscode.Extension<TestAccess> {
  const found = vscode.extensions.getExtension<TestAccess>('offload.offload');
  if (found === undefined) throw new Error('The extension is not installed in this editor.');
  return found;
}

export interface Started {
  offload: Offload;
  dialogs: AnsweredDialogs;
}

/** The extension's services, with dialogs that the test answers. */
export async function started(): Promise<Started> {
  const access = await extension().activate();
  const offload = await access.offload();
  const dialogs = new AnsweredDialogs();
  offload.dialogs = dialogs;
  return { offload, dialogs };
}

/** The same after what a reload of the window does to an extension: nothing but what is stored is left of it. */
export async function restarted(): Promise<Started> {
  const access = await extension().activate();
  access.restart();
  return started();
}

/** The same with no editor open and nothing left of earlier runs. */
export async function fresh(): Promise<Started> {
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const { offload, dialogs } = await restarted();
  for (const { runId } of await offload.records.all()) await offload.records.remove(runId);
  await offload.takeUpEarlierRuns();
  for (const { files } of offload.reviews.all) await offload.reviews.settle(files);
  // Tasks are kept when their changes are decided on.
  for (const { runId } of await offload.records.all()) await offload.records.remove(runId);
  return { offload, dialogs };
}
