import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import './support/backend.ts';
import { fresh } from './support/extension.ts';

describe('the doctor', () => {
  const set = (value: unknown) =>
    vscode.workspace
      .getConfiguration('offload')
      .update('limits.memoryMb', value, vscode.ConfigurationTarget.Global);

  /** The report as it is once its command has ended, also where an earlier one is still open. */
  async function report(headline: RegExp): Promise<{ text: string; buttons: string[] }> {
    await vscode.commands.executeCommand('offload.doctor');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'offload-doctor');
    assert.match(document.getText(), headline);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    return { text: document.getText(), buttons: lenses.flatMap(({ command }) => command?.title ?? []) };
  }

  it('says what there is', async () => {
    const { dialogs } = await fresh();
    const { text, buttons } = await report(/All \d+ checks are well/);
    assert.match(text, /^✓ Isolation +bubblewrap/m);
    assert.match(text, /^✓ Python interpreter +\//m);
    assert.match(text, /^✓ Tasks +Claude Code: .*; opencode: .*; There is no key for the model/m);
    assert.match(text, /^✓ Workspace trust/m);
    assert.deepEqual(buttons, ['$(refresh) Look again']);
    assert.deepEqual(dialogs.asked, []);
  });

  it('says what is wrong first, with a button that mends it, and sees when it is mended', async () => {
    await fresh();
    await set('much');
    const sick = await report(/1 of \d+ checks needs attention/);
    assert.match(
      sick.text,
      /1 of \d+ checks needs attention\.\n\n✗ Settings +The setting offload\.limits\.memoryMb/,
    );
    assert.deepEqual(sick.buttons, ['$(refresh) Look again', 'Open Setting']);
    await set(undefined);
    await report(/All \d+ checks are well/);
  });
});
