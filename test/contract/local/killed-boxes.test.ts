import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { closeQuietly } from '../../../backend/src/isolation/pipes.ts';
import { eventually } from '../../support/target/eventually.ts';
import { ownBoxes, type OwnBoxes } from '../../support/target/own-boxes.ts';
import { boxProcesses, waitingProcesses } from '../../support/target/processes.ts';

/** Milliseconds in which a box is made, generously. */
const MAKING = 5;
const KILLS = 150;

describe('boxes that are killed at any moment of their making leave no process', () => {
  let own: OwnBoxes;
  beforeEach(() => {
    own = ownBoxes();
  });
  afterEach(() => own.dispose());

  it('when they start from none', async () => {
    for (let i = 0; i < KILLS; i++) {
      // Whoever has something to read starts from none.
      const stdin = openSync('/dev/null', 'r');
      await killedAt(i, await own.start(['/bin/sleep', '600'], { stdin }));
      closeQuietly(stdin);
    }
    own.isolation.dispose();
    await eventually(() => waitingProcesses(own.folder).length === 0);
    assert.deepEqual(await boxProcesses(own.folder), []);
  });

  it('when they start from one that waits', async () => {
    await (
      await own.start(['/bin/true'])
    ).exited;
    for (let i = 0; i < KILLS; i++) {
      await eventually(() => waitingProcesses(own.folder).length === 1);
      const box = await own.start(['/bin/sleep', '600']);
      await killedAt(i, box);
    }
    own.isolation.dispose();
    await eventually(() => waitingProcesses(own.folder).length === 0);
    assert.deepEqual(await boxProcesses(own.folder), []);
  });

  async function killedAt(i: number, box: Awaited<ReturnType<OwnBoxes['start']>>): Promise<void> {
    const moment = performance.now() + (i / KILLS) * MAKING;
    while (performance.now() < moment);
    box.kill();
    await box.exited;
    box.stdout.close();
    box.stderr.close();
  }
});
