import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ENGINE_VARIABLE } from '../../src/core/container/engine.ts';
import { skip } from '../support/reporting/skip.ts';
import { setVariables } from '../support/variables.ts';
import { fresh } from './support/extension.ts';
import { until } from './support/workspace.ts';

/** Where podman reads which registries there are (containers-registries.conf(5)). */
const REGISTRIES = 'CONTAINERS_REGISTRIES_CONF';

describe('the image for containers in the editor', () => {
  let restore: (() => void) | undefined;
  let folder: string | undefined;
  let engine: string[];

  const build = () => vscode.commands.executeCommand('offload.buildImage');
  const images = () =>
    execFileSync('podman', [...engine.slice(1), 'images', '--quiet'], { encoding: 'utf8' });

  before(function () {
    try {
      execFileSync('podman', ['--version']);
    } catch {
      skip(this, 'podman is not installed');
    }
    const own = (folder = mkdtempSync(join(tmpdir(), 'offload-engine-')));
    engine = ['podman', '--root', join(own, 'root'), '--runroot', join(own, 'run')];
    engine.push('--storage-driver', 'vfs');
    // Nobody answers there, whatever network this machine has.
    const registries = `unqualified-search-registries = ["127.0.0.1:1"]\nshort-name-mode = "disabled"\n`;
    writeFileSync(join(own, 'registries.conf'), registries);
    restore = setVariables({
      [ENGINE_VARIABLE]: JSON.stringify(engine),
      [REGISTRIES]: join(own, 'registries.conf'),
    });
  });
  after(() => {
    restore?.();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('is built once its user knows what it takes, and not without a yes', async () => {
    const { dialogs } = await fresh();
    await build();
    const [question, ...more] = dialogs.asked;
    assert.deepEqual([question?.modal, question?.buttons, more], [true, ['Build Image'], []]);
    assert.match(question?.message ?? '', /^Build the image for containers with podman /);
    assert.match(question?.detail ?? '', /1\.4 GB/);
    assert.equal(images(), '');
  });

  it('says why it could not be built', async () => {
    const { dialogs } = await fresh();
    dialogs.answer('Build the image', 'Build Image');
    await build();
    await until('something that is said', () => dialogs.withText('could not be made').length > 0);
    const [error] = dialogs.withText('could not be made');
    assert.match(error?.message ?? '', /its base could not be had\. Look at the connection\.$/);
    assert.ok(error?.buttons?.includes('Build Image…'), JSON.stringify(error?.buttons));
    assert.equal(images(), '');
  });

  it('says where there is no engine', async () => {
    process.env[ENGINE_VARIABLE] = '/nowhere/podman';
    const { dialogs } = await fresh();
    await build();
    await until('something that is said', () => dialogs.asked.length > 0);
    assert.match(dialogs.asked[0]?.message ?? '', /There is no program \/nowhere\/podman/);
  });
});
