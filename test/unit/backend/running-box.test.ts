import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningBox } from '../../../backend/src/isolation/bubblewrap-box.ts';
import { childrenOf } from '../../../backend/src/isolation/process-tree.ts';
import { processesOf } from '../../../scripts/setup/processes.mjs';
import { code } from '../../support/target/code.ts';
import { eventually } from '../../support/target/eventually.ts';
import { skip } from '../../support/reporting/skip.ts';

/**
 * Makes a child every millisecond, as bubblewrap makes its one at a moment that nobody knows; and has so many threads
 * that it takes a while to look for the children of them all.
 */
const FORKS = code`
  import os, threading, time
  threading.stack_size(65536)
  for _ in range(2000):
      threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
  for _ in range(2000):
      if os.fork() == 0:
          time.sleep(600)
      time.sleep(0.001)
  time.sleep(600)
`;

const silent = { read: () => Promise.resolve(), close: () => undefined };

describe('a running box', () => {
  let folder: string;

  before(function () {
    if (process.platform !== 'linux') skip(this, 'boxes are made on Linux');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'b-'));
  });
  afterEach(async () => {
    for (const { pid } of await processesOf(folder)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const status = (text = ''): number => {
    writeFileSync(join(folder, 'status'), text);
    return openSync(join(folder, 'status'), 'r');
  };

  it('misses no child that is made in the moment of the kill', async () => {
    const child = spawn('python3', ['-W', 'ignore', '-c', FORKS, folder], { stdio: 'ignore' });
    const box = runningBox(child, status(), silent, silent, {});
    await once(child, 'spawn');
    await eventually(() => childrenOf(child.pid ?? 0).length > 5);
    box.kill();
    await box.exited;
    assert.deepEqual(await processesOf(folder), []);
  });

  it('waits for the first process of the box although the one outside has gone', async () => {
    const inner = spawn('sleep', ['600'], { argv0: folder, stdio: 'ignore' });
    await once(inner, 'spawn');
    const outer = spawn('true', { stdio: 'ignore' });
    const box = runningBox(
      outer,
      status(`{"child-pid":${String(inner.pid)}}\n{"exit-code":3}\n`),
      silent,
      silent,
      {},
    );
    let gone = false;
    void box.exited.then(() => {
      gone = true;
    });
    await once(outer, 'close');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(gone, false);
    inner.kill('SIGKILL');
    await box.exited;
  });

  it('fails when bubblewrap ended without having run anything', async () => {
    const box = runningBox(spawn('false', { stdio: 'ignore' }), status(), silent, silent, {});
    await assert.rejects(box.exited, { code: 'sandbox-failed' });
  });

  it('fails when bubblewrap cannot be started', async () => {
    const fd = status();
    const box = runningBox(spawn(join(folder, 'nothing'), { stdio: 'ignore' }), fd, silent, silent, {});
    await assert.rejects(box.exited, { code: 'sandbox-failed' });
    assert.throws(() => {
      closeSync(fd);
    });
  });
});
