import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { applyChange } from '../../../src/core/changes/apply.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { skip } from '../../support/reporting/skip.ts';
import { deleting, rejection, sent, tree, Workspace, writing } from './workspace.ts';

/** Swaps a folder for a link to another and back, as fast as it can, so many times or until it is killed. */
const SWAPPER = `
  const { renameSync, rmSync, symlinkSync, unlinkSync, writeSync } = require('node:fs');
  const [folder, target] = process.argv.slice(1);
  const attempt = (step) => { try { step(); } catch {} };
  writeSync(1, 'swapping');
  for (let turn = 0; turn < 300000; turn += 1) {
    attempt(() => renameSync(folder, folder + '.aside'));
    attempt(() => symlinkSync(target, folder));
    attempt(() => unlinkSync(folder));
    // Applying may have made the folder anew in between.
    attempt(() => rmSync(folder, { recursive: true, force: true }));
    attempt(() => renameSync(folder + '.aside', folder));
  }`;

describe('a process that swaps a folder for a link to the outside, all the time', () => {
  const workspace = new Workspace();

  it('gets nothing written, deleted or made outside', async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux lets folders be held');
    mkdirSync(workspace.at('d'));
    // The same content outside, so that no conflict stands in the way of a write that goes there.
    for (const name of ['kept.txt', 'gone.txt']) writeFileSync(join(workspace.outside, name), 'kept\n');
    const outside = tree(workspace.outside);
    const child = spawn(process.execPath, ['-e', SWAPPER, workspace.at('d'), workspace.outside], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let [done, stopped] = [0, 0];
    try {
      await once(child.stdout, 'data');
      for (let turn = 0; turn < 2000 && (turn < 200 || done < 50 || stopped < 50); turn += 1) {
        for (const accepted of [
          writing('d/kept.txt', `evil ${String(turn)}\n`, sent('kept\n')),
          writing(`d/new-${String(turn)}.txt`, 'evil\n'),
          writing('d/folder/new.txt', 'evil\n'),
          deleting('d/gone.txt', sent('kept\n')),
        ]) {
          const overwrite = turn % 2 === 0;
          const error = await rejection(applyChange({ root: workspace.root, ...accepted, overwrite }));
          if (error === undefined) done += 1;
          else {
            assert.ok(error instanceof OffloadError, inspect(error));
            assert.match(error.code, /^(unsafe-path|conflict)$/, error.message);
            stopped += 1;
          }
        }
        assert.deepEqual(tree(workspace.outside), outside);
      }
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    assert.ok(done > 0 && stopped > 0, `applied ${String(done)} times, stopped ${String(stopped)} times`);
    assert.deepEqual(tree(workspace.outside), outside);
  });
});
