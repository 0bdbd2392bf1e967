import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { allEnded, processesWith } from '../../../bench/box-processes.ts';
import { skip } from '../../support/reporting/skip.ts';

describe('the processes of a box, seen from the host', () => {
  before(function () {
    if (!existsSync('/proc/self/cmdline')) skip(this, 'there is no /proc on this machine');
  });

  it('are found by a word of their command line, and waited for until the last has ended', async () => {
    const mark = `mark-of-${String(process.pid)}-${String(Date.now())}`;
    assert.deepEqual(processesWith(mark), []);
    const code = 'setTimeout(() => {}, 60000); console.log("up")';
    const children = [1, 2].map(() =>
      spawn(process.execPath, ['-e', code, mark], { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    const pids = children.map(({ pid }) => pid).filter((pid) => pid !== undefined);
    try {
      await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
      assert.deepEqual(processesWith(mark).toSorted(), pids.toSorted());
      let ended = false;
      const waiting = allEnded(pids).then(() => (ended = true));
      const [first, second] = children;
      assert.ok(first !== undefined && second !== undefined);
      first.kill('SIGKILL');
      await once(first, 'exit');
      assert.equal(ended, false);
      second.kill('SIGKILL');
      await waiting;
      assert.deepEqual(processesWith(mark), []);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
});
