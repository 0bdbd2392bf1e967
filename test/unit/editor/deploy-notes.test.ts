import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  forgetDeploys,
  leftDeploys,
  noteDeploying,
  offerOnce,
} from '../../../src/editor/deploy/deploy-notes.ts';
import { DEPLOY_NOTES } from '../../../src/editor/deploy/folders.ts';
import type { Place } from '../../../src/editor/deploy/place.ts';

const PLACE: Place = { profile: 'work', region: 'eu-west-1', stack: 'offload', account: '123456789012' };
const OTHER: Place = { ...PLACE, region: 'eu-west-3' };

describe('the note of a deploy', () => {
  let state: string;
  let gone: number;
  const folder = () => join(state, DEPLOY_NOTES);

  before(async () => {
    // The id of a process that was there and is no more.
    const process_ = spawn(process.execPath, ['-e', '']);
    gone = process_.pid ?? 0;
    await once(process_, 'exit');
  });
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'notes-'));
  });
  afterEach(() => {
    rmSync(state, { recursive: true });
  });

  /** As the process `pid` has written it. */
  function ofProcess(pid: number, place: Place, more: object = {}): void {
    mkdirSync(folder(), { recursive: true });
    const note = { pid, startedAt: Date.now(), place, ...more };
    writeFileSync(join(folder(), `${String(pid)}.json`), JSON.stringify(note));
  }

  it('is of nothing that is left while its own window goes on', async () => {
    await noteDeploying(state, PLACE);
    assert.deepEqual(await leftDeploys(state), []);
    assert.equal(await offerOnce(state), undefined);
    await forgetDeploys(state, PLACE);
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('is known to the windows that come after one that was closed, and is offered by one of them', async () => {
    ofProcess(gone, PLACE);
    const offered = await Promise.all([offerOnce(state), offerOnce(state)]);
    assert.deepEqual(
      offered.filter((each) => each !== undefined),
      [PLACE],
    );
    assert.equal(await offerOnce(state), undefined);
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE }], 'it can be picked still');
    await forgetDeploys(state, PLACE);
    assert.deepEqual(await leftDeploys(state), []);
  });

  it('of one window says nothing of another’s', async () => {
    // Another window that goes on, and one that was closed.
    ofProcess(process.ppid, OTHER);
    ofProcess(gone, PLACE);
    await noteDeploying(state, { ...PLACE, stack: 'own' });
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE }]);
    // What ends here, ends here alone.
    await forgetDeploys(state, OTHER);
    await forgetDeploys(state, { ...PLACE, stack: 'own' });
    assert.deepEqual(
      readdirSync(folder()).sort(),
      [`${String(gone)}.json`, `${String(process.ppid)}.json`].sort(),
    );
  });

  it('stays where a deploy failed or was stopped, and nobody is asked about it by themselves', async () => {
    await noteDeploying(state, PLACE);
    await noteDeploying(state, PLACE, 'failed');
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE, ended: 'failed' }]);
    assert.equal(await offerOnce(state), undefined);
  });

  it('of a place stays when its window deploys another one', async () => {
    const place = { ...PLACE, stack: 'another' };
    await noteDeploying(state, PLACE);
    await noteDeploying(state, PLACE, 'failed');
    await noteDeploying(state, place);
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE, ended: 'failed' }]);
    await noteDeploying(state, place, 'stopped');
    await noteDeploying(state, OTHER);
    assert.deepEqual(
      new Set(await leftDeploys(state)),
      new Set([
        { place: PLACE, ended: 'failed' },
        { place, ended: 'stopped' },
      ]),
    );
    await forgetDeploys(state, PLACE);
    assert.deepEqual(await leftDeploys(state), [{ place, ended: 'stopped' }]);
  });

  it('is of an earlier process of the same id where it is older than this one', async () => {
    ofProcess(process.pid, PLACE, { startedAt: Date.now() - 10 * 3600_000 });
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE }]);
    await noteDeploying(state, OTHER);
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE }]);
    await noteDeploying(state, OTHER, 'stopped');
    assert.deepEqual((await leftDeploys(state)).length, 2);
  });

  it('that cannot be kept says why, and what to do', async () => {
    writeFileSync(folder(), 'no folder');
    await assert.rejects(noteDeploying(state, PLACE), {
      code: 'deploy-failed',
      message: /cannot be noted on this machine: E/,
      fix: /deploying can be written to/,
    });
  });

  it('goes where it is too old, or no note', async () => {
    ofProcess(gone, PLACE, { startedAt: 1 });
    assert.deepEqual(await leftDeploys(state), []);
    ofProcess(gone, { ...PLACE, stack: '../x' });
    writeFileSync(join(folder(), '7.json'), '{"pid":');
    assert.deepEqual(await leftDeploys(state), []);
    assert.deepEqual(readdirSync(folder()), []);
    ofProcess(gone, PLACE);
    renameSync(join(folder(), `${String(gone)}.json`), join(folder(), 'x.offered.json'));
    assert.equal(await offerOnce(state), undefined);
  });
});
