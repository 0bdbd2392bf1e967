import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Bubblewrap } from '../../../backend/src/isolation/bubblewrap.ts';
import { closeQuietly, Pipes } from '../../../backend/src/isolation/pipes.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { shortFolder } from '../../support/target/local-target.ts';
import { boxProcesses } from '../../support/target/processes.ts';

/** Milliseconds in which a box is made, generously. */
const MAKING = 5;
const KILLS = 150;

describe('boxes', function () {
  this.timeout(60_000);

  it('that are killed at any moment of their making leave no process', async () => {
    const folder = shortFolder('k-');
    chmodSync(folder, 0o711);
    const [boxes, runtime] = [join(folder, 'b'), join(folder, 'r')];
    for (const each of [boxes, runtime, join(boxes, 'w')]) mkdirSync(each, { mode: 0o711 });
    const pipes = new Pipes(join(runtime, 'pipes'));
    const isolation = new Bubblewrap({ boxes, runtime, pipes });
    try {
      for (let i = 0; i < KILLS; i++) {
        const stdin = openSync('/dev/null', 'r');
        const box = await isolation.start({
          workspace: join(boxes, 'w'),
          owner: isolation.owner(),
          argv: ['/bin/sleep', '600'],
          env: {},
          readOnly: [],
          stdin,
          limits: effectiveLimits({}),
          memoryLimit: 'as',
        });
        closeQuietly(stdin);
        const moment = performance.now() + (i / KILLS) * MAKING;
        while (performance.now() < moment);
        box.kill();
        await box.exited;
        box.stdout.close();
        box.stderr.close();
      }
      assert.deepEqual(await boxProcesses(folder), []);
    } finally {
      for (const { pid } of await boxProcesses(folder)) process.kill(pid, 'SIGKILL');
      pipes.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
