import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Offload } from '../../src/editor/offload.ts';
import type { AnsweredDialogs } from './support/dialogs.ts';
import { fresh } from './support/extension.ts';

const setting = (name: string) => vscode.workspace.getConfiguration('offload').get<string>(name);

describe('the keys of models in the editor', () => {
  let offload: Offload;
  let dialogs: AnsweredDialogs;

  const act = (command: string) => vscode.commands.executeCommand(`offload.${command}`);
  const clean = async () => {
    for (const name of ['task.provider', 'task.baseUrl', 'task.bedrock.region', 'task.bedrock.profile']) {
      await vscode.workspace
        .getConfiguration('offload')
        .update(name, undefined, vscode.ConfigurationTarget.Global);
    }
    for (const place of await offload.keys.places()) await offload.keys.remove(place);
  };

  beforeEach(async () => {
    ({ offload, dialogs } = await fresh());
    await clean();
  });
  afterEach(() => clean());

  it('are set for a provider, hidden while they are typed, and are in no setting', async () => {
    dialogs.picked = 'Claude subscription';
    dialogs.type('The key', ' made-up-token ');
    await act('setModelKey');
    assert.equal(dialogs.inputs[0]?.password, true);
    assert.equal(await offload.keys.get({ provider: 'subscription' }), 'made-up-token');
    assert.equal(setting('task.provider'), 'subscription');
    const all = JSON.stringify(vscode.workspace.getConfiguration('offload'));
    assert.doesNotMatch(all + JSON.stringify(dialogs.asked), /made-up/);
  });

  it('are set for an address, which is asked for first', async () => {
    dialogs.picked = 'Compatible endpoint';
    dialogs.type('The address', 'http://127.0.0.1:1234');
    dialogs.type('The key', '');
    await act('setModelKey');
    assert.equal(setting('task.baseUrl'), 'http://127.0.0.1:1234');
    assert.equal(setting('task.provider'), 'compatible');
    assert.deepEqual(await offload.keys.places(), []);
  });

  it('are none on Bedrock, which takes a region and a profile', async () => {
    dialogs.picked = 'Amazon Bedrock';
    dialogs.type('The region', 'us-east-1');
    dialogs.type('The profile', 'work');
    await act('setModelKey');
    assert.deepEqual(['task.provider', 'task.bedrock.region', 'task.bedrock.profile'].map(setting), [
      'bedrock',
      'us-east-1',
      'work',
    ]);
  });

  it('stay as they are when the user stops half-way', async () => {
    await offload.keys.set({ provider: 'anthropic' }, 'made-up-old');
    dialogs.picked = 'Anthropic API key';
    await act('setModelKey');
    assert.equal(dialogs.inputs.length, 1);
    assert.equal(await offload.keys.get({ provider: 'anthropic' }), 'made-up-old');
  });

  it('outlive a reload, and are forgotten when they are removed', async () => {
    await offload.keys.set({ provider: 'anthropic' }, 'made-up-key');
    ({ offload, dialogs } = await fresh());
    assert.equal(await offload.keys.get({ provider: 'anthropic' }), 'made-up-key');
    dialogs.picked = 'Anthropic API';
    await act('removeModelKey');
    assert.equal(await offload.keys.get({ provider: 'anthropic' }), undefined);
    await act('removeModelKey');
    assert.equal(dialogs.withText('No key of a model is stored').length, 1);
  });

  it('refuse what cannot be one', async () => {
    dialogs.picked = 'Anthropic API key';
    dialogs.type('The key', 'two words');
    await act('setModelKey');
    assert.equal(dialogs.withText('A key has no spaces').length, 1, JSON.stringify(dialogs.asked));
    assert.deepEqual(await offload.keys.places(), []);
  });
});
