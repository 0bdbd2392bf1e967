import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import type { Offload } from '../offload.ts';
import { sandboxOfRun } from '../target/run-sandbox.ts';
import { openWritten } from './full-output.ts';

/**
 * Opens all output of a run as a text.
 * @param target the run's id; else the run of the active terminal is meant
 * @throws OffloadError `bad-request` where there is none, `unknown-run` when the backend keeps it no longer
 */
export async function showOutput(offload: Offload, target: unknown): Promise<void> {
  const { runs, terminals, outputFolder } = offload;
  const own = typeof target === 'string' ? target : terminals.of(vscode.window.activeTerminal)?.record.runId;
  const runId = own ?? runs.active.at(-1)?.record.runId;
  if (runId === undefined) {
    throw new OffloadError('bad-request', 'No terminal of a run is open.', {
      fix: 'Click into the terminal whose output you want, and try again.',
    });
  }
  const sandbox = await sandboxOfRun(offload, runId);
  await openWritten(sandbox, { runId, until: runs.get(runId)?.state.seq }, outputFolder);
}
