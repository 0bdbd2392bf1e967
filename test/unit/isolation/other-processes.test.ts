import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endProcesses } from '../../../backend/src/isolation/end-processes.ts';
import { otherProcesses } from '../../../backend/src/isolation/other-processes.ts';

describe('the processes of this user besides this one', () => {
  it('are also those that have left the tree and have no environment, and none that it descends from', async () => {
    const child = spawn('setsid', ['--fork', '/bin/sh', '-c', 'echo $$; exec sleep 60'], {
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const left = Number(said);
    try {
      const others = otherProcesses();
      assert(others.includes(left));
      assert(!others.includes(process.pid) && !others.includes(process.ppid));
    } finally {
      await endProcesses(() => otherProcesses().filter((pid) => pid === left));
    }
    assert(!otherProcesses().includes(left));
  });

  it('are told of where they cannot be ended', async () => {
    // Nobody has this process.
    await assert.rejects(
      endProcesses(() => [2 ** 22 + 1]),
      { code: 'sandbox-failed' },
    );
  });
});
