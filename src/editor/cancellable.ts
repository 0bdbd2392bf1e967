import * as vscode from 'vscode';
import { userAbort } from './abort.ts';

/**
 * Shows in a notification that something takes a while, and lets the user end it.
 * @param body tells what it does now by `report`
 * @throws what the body throws; an AbortError, whatever it throws, once the user has ended it
 */
export function cancellable<T>(
  title: string,
  body: (signal: AbortSignal, report: (message: string) => void) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const stopping = new AbortController();
    token.onCancellationRequested(() => {
      stopping.abort();
    });
    try {
      return await body(stopping.signal, (message) => {
        progress.report({ message });
      });
    } catch (error) {
      throw stopping.signal.aborted ? userAbort() : error;
    }
  });
}
