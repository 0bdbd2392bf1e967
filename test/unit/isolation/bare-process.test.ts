import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { BareProcess } from '../../../backend/src/isolation/bare-process.ts';
import { Pipes } from '../../../backend/src/isolation/pipes.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { eventually } from '../../support/target/eventually.ts';

/** Rounds in which a process is tried to be ended. */
const ROUNDS = 400;

describe('a bare process', () => {
  let folder: string;
  let pipes: Pipes;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-bare-'));
    pipes = new Pipes(join(folder, 'pipes'));
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(folder, { recursive: true });
  });

  it('that could not be ended at first has its end when it ends', async function () {
    if (process.platform !== 'linux') this.skip();
    const isolation = new BareProcess(pipes);
    const box = await isolation.start({
      workspace: folder,
      argv: ['/bin/sh', '-c', 'read line; exit 3'],
      env: {},
      readOnly: [],
      stdin: 'pipe',
      limits: effectiveLimits({}),
      memoryLimit: 'data',
    });
    void box.stdout.read(() => undefined);
    void box.stderr.read(() => undefined);
    // As with one that waits for a device.
    const kill = mock.method(process, 'kill', () => true);
    box.kill();
    await eventually(() => kill.mock.callCount() === ROUNDS);
    box.stdin?.end('go on\n');
    assert.deepEqual(await box.exited, { exitCode: 3 });
    assert.equal(isolation.spoilt, false);
  });
});
