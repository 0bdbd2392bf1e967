import type * as vscode from 'vscode';
import type { Runs } from '../run/runs.ts';
import type { Terminals } from './terminals.ts';

/** As in any terminal: closing it ends what runs in it. A task has other places where it is seen, and goes on. */
export const stopWithTerminals = (terminals: Terminals, runs: Runs): vscode.Disposable =>
  terminals.onDidClose(({ record }) => {
    const run = runs.get(record.runId);
    if (run !== undefined && record.task === undefined) void runs.stopQuietly(run);
  });
