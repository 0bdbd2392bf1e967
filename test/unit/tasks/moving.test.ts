import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { Journal } from '../../../backend/src/journal/journal.ts';
import { RunLife } from '../../../backend/src/runs/run-life.ts';
import { Moving, type MovingTask } from '../../../backend/src/tasks/moving.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

/** Milliseconds: little more than what is the least that a function has for a task. */
const TIME = 10_100;

describe('a task whose time is nearly over', () => {
  let folder: string;
  let life: RunLife;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-moving-'));
    life = new RunLife('r_1', new Journal(join(folder, 'journal')));
  });
  afterEach(() => {
    life.journal.abandon();
    rmSync(folder, { recursive: true });
  });

  async function stopped(stuckAt: MovingTask['stuckAt']): Promise<void> {
    const moving = new Moving(life, { size: () => Promise.resolve(0), stuckAt });
    // Its timers keep nothing alive.
    const alive = setInterval(() => undefined, 1000);
    moving.start(performance.now() + TIME);
    await once(life.signal, 'abort');
    clearInterval(alive);
    moving.end();
  }

  it('is ended in words where that cannot be recorded', async function () {
    if (process.platform !== 'linux') this.skip();
    fillUp(life.journal.path);
    await stopped(() => undefined);
    assert(life.ending instanceof OffloadError);
    assert.match(life.ending.message, /could not be recorded/);
    assert.equal(life.paused, false);
  });

  it('says what did not come to its end where nothing came of it', async () => {
    await stopped(() => 'check');
    assert(life.ending instanceof OffloadError);
    assert.match(life.ending.message, /its check did not end/);
  });
});

/** Has what this process writes to a file go to a device that is full. */
function fillUp(path: string): void {
  const open = readdirSync('/proc/self/fd').map(Number);
  const fd = open.find((each) => target(each) === path);
  assert(fd !== undefined);
  closeSync(fd);
  // The lowest number that is free.
  const others: number[] = [];
  for (;;) {
    const full = openSync('/dev/full', 'a');
    if (full === fd) break;
    others.push(full);
  }
  for (const each of others) closeSync(each);
}

function target(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${String(fd)}`);
  } catch {
    return undefined;
  }
}
