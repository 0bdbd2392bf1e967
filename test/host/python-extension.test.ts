import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import './support/backend.ts';
import { chosenInterpreter } from '../../src/editor/program/chosen-interpreter.ts';
import { sourceOf } from '../../src/editor/program/source.ts';
import { readSettings } from '../../src/editor/settings/read-settings.ts';
import { fresh } from './support/extension.ts';
import { write } from './support/workspace.ts';

describe('the interpreter that is selected in the Python extension', () => {
  const original = vscode.extensions.getExtension.bind(vscode.extensions);

  /** Stands for the Python extension, which is not to be had here, with its published interface. */
  function selected(exports: unknown, isActive = true): void {
    Object.assign(vscode.extensions, {
      getExtension: (id: string) => (id === 'ms-python.python' ? { id, isActive, exports } : original(id)),
    });
  }

  const failing = () => {
    throw new Error('no interpreter is selected');
  };

  const environment = (fsPath: string | undefined) => ({
    environments: {
      getActiveEnvironmentPath: () => ({ id: 'x', path: '/envs/x' }),
      resolveEnvironment: () =>
        Promise.resolve(fsPath === undefined ? undefined : { executable: { uri: vscode.Uri.file(fsPath) } }),
    },
  });

  afterEach(() => {
    Object.assign(vscode.extensions, { getExtension: original });
  });

  async function chosen(settings = readSettings()): Promise<string | undefined> {
    const { offload } = await fresh();
    const source = sourceOf(await write('chosen.py', 'print(1)'), 'python');
    return (await chosenInterpreter(source, settings, offload.log)).interpreter;
  }

  it('is used for Python', async () => {
    selected(environment('/bin/sh'));
    assert.equal(await chosen(), '/bin/sh');
  });

  it('comes after the setting', async () => {
    selected(environment('/bin/sh'));
    assert.equal(await chosen({ ...readSettings(), interpreters: { python: '/bin/true' } }), '/bin/true');
  });

  it('is an error that names it when it cannot be run', async () => {
    selected(environment('/envs/gone/bin/python'));
    await assert.rejects(chosen(), {
      code: 'no-interpreter',
      message: /\/envs\/gone\/bin\/python is not a program/,
    });
  });

  for (const [what, exports, isActive] of [
    ['is not running', environment('/bin/sh'), false],
    ['has another interface', { environments: {} }, true],
    ['has none selected', environment(undefined), true],
    [
      'fails',
      { environments: { ...environment('x').environments, getActiveEnvironmentPath: failing } },
      true,
    ],
  ] as const) {
    it(`gives way to PATH where that extension ${what}`, async () => {
      selected(exports, isActive);
      assert.match((await chosen()) ?? '', /python/);
    });
  }
});
