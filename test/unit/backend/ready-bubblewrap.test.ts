import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  startBubblewrap,
  type BubblewrapProcess,
} from '../../../backend/src/isolation/bubblewrap-process.ts';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';
import { closeQuietly } from '../../../backend/src/isolation/pipes.ts';
import { hasEnded } from '../../../backend/src/isolation/process-tree.ts';
import { ReadyBubblewrap } from '../../../backend/src/isolation/ready-bubblewrap.ts';
import { skip } from '../../support/reporting/skip.ts';
import { eventually } from '../../support/target/eventually.ts';
import { ownBoxes, type OwnBoxes } from '../../support/target/own-boxes.ts';

describe('a bubblewrap process that is started ahead', () => {
  const owner = process.getuid?.();
  let own: OwnBoxes;
  let started: number[];
  let ready: ReadyBubblewrap;

  before(function () {
    if (findProgram('bwrap') === undefined) skip(this, 'there is no bubblewrap');
  });
  const make = (kept?: number): ReadyBubblewrap => {
    started = [];
    const start = async (user: number | undefined): Promise<BubblewrapProcess> => {
      const made = await startBubblewrap({
        bwrap: findProgram('bwrap') ?? '',
        filter: undefined,
        runtime: own.runtime,
        pipes: own.pipes,
        owner: user,
        stdin: undefined,
        options: 'pipe',
        argv: ['/usr/bin/true'],
      });
      started.push(made.child.pid ?? 0);
      return made;
    };
    return new ReadyBubblewrap(() => owner, start, kept);
  };
  beforeEach(() => {
    own = ownBoxes();
    ready = make();
  });
  afterEach(async () => {
    ready.dispose();
    await own.dispose();
  });
  const prepared = async (): Promise<number> => {
    const count = started.length;
    ready.prepareSoon();
    await eventually(() => started.length > count);
    return started.at(-1) ?? 0;
  };
  const end = ({ child, stdout, stderr, statusFd }: BubblewrapProcess): void => {
    child.kill('SIGKILL');
    for (const each of [stdout, stderr]) each.close();
    closeQuietly(statusFd);
  };

  it('is one, however often it is asked for', async () => {
    const pid = await prepared();
    ready.prepareSoon();
    await sleep(50);
    assert.deepEqual(started, [pid]);
  });

  it('is used once', async () => {
    const pid = await prepared();
    const used = ready.use(owner, ['--version']);
    assert.equal(used?.child.pid, pid);
    assert.equal(ready.use(owner, ['--version']), undefined);
    end(used);
  });

  it('is promised once, and is for its user alone', async () => {
    assert.equal(ready.promise(), undefined);
    const pid = await prepared();
    assert.equal(ready.promise(), owner);
    assert.equal(ready.promise(), undefined);
    assert.equal(ready.use(1, ['--version']), undefined);
    assert(!hasEnded(pid));
  });

  it('ends when its options cannot be given to it', async () => {
    const pid = await prepared();
    assert.equal(ready.use(owner, undefined), undefined);
    await eventually(() => hasEnded(pid));
  });

  it('is not used when it has ended, which may not have been noticed yet', async () => {
    const pid = await prepared();
    process.kill(pid, 'SIGKILL');
    while (!hasEnded(pid));
    assert.equal(ready.use(owner, ['--version']), undefined);
    assert.notEqual(await prepared(), pid);
  });

  it('is not kept for ever, promised or not', async () => {
    for (const promised of [false, true]) {
      ready = make(20);
      const pid = await prepared();
      if (promised) ready.promise();
      await eventually(() => hasEnded(pid));
      assert.equal(ready.use(owner, ['--version']), undefined);
      assert.notEqual(await prepared(), pid);
      ready.dispose();
    }
  });

  it('ends with those who would use it, also when it is only just asked for', async () => {
    const pid = await prepared();
    ready.dispose();
    await eventually(() => hasEnded(pid));
    ready.prepareSoon();
    await sleep(50);
    assert.deepEqual(started, [pid]);
    ready = make();
    ready.prepareSoon();
    ready.dispose();
    await sleep(50);
    assert.deepEqual(started, []);
  });
});
