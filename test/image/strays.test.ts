import assert from 'node:assert/strict';
import { code } from '../support/target/code.ts';
import { deployedTarget } from '../support/target/deployed-target.ts';
import { run, succeeded } from '../support/target/run.ts';
import { targetOf } from '../support/target/target.ts';

describe('a program that would outlive its run in an environment of Lambda', () => {
  const target = targetOf((context) => deployedTarget(context, { concurrency: 1 }));

  it('is ended with it, also where it has left its tree and cleared its environment', async () => {
    const leaving = code`
      setsid env -i sleep 1000 &
      # Of this program the kernel lets no other one of its user see more than its state.
      setsid env -i /opt/offload/runtime/node -e 'process.title = "hidden"; setInterval(() => 0, 1000)' &
      until grep -q hidden /proc/[0-9]*/comm 2>/dev/null; do sleep 0.1; done
      touch /tmp/same
      grep -h . /proc/[0-9]*/comm | sort | uniq | tr '\n' ' '
    `;
    assert.match(succeeded(await run(target(), 'bash', leaving)).stdout, /hidden.*sleep/);
    const looking = 'ls /tmp/same; grep -h . /proc/[0-9]*/comm';
    const next = succeeded(await run(target(), 'bash', looking)).stdout.split('\n');
    assert(next.includes('/tmp/same'), 'another environment');
    assert(!next.includes('sleep') && !next.includes('hidden'), next.join(' '));
  });
});
