import * as vscode from 'vscode';

/** Shows that something takes a while, and lets the user end it. @throws an AbortError where they did */
export function cancellable(title: string, body: (signal: AbortSignal) => Promise<void>): Thenable<void> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (_progress, token) => {
    const stopping = new AbortController();
    token.onCancellationRequested(() => {
      stopping.abort();
    });
    return body(stopping.signal);
  });
}
