import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { content, failure, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

describe('the local sandbox: many files', () => {
  const target = targetOf(() => localTarget());

  it('end the run when they are more than there may be, in a bounded time', async () => {
    const text = code`
      import os
      for i in range(1_000_000):
          if i % 10_000 == 0:
              os.mkdir(f'{i}')
              os.chdir(f'{i}')
          os.close(os.open(f'{i}-', os.O_CREAT))
    `;
    assert.equal(
      failure(await run(target(), 'python', text, { limits: { cpuSeconds: 60 } })),
      'workspace-limit',
    );
  });

  it('come back, ten thousand of them, and the cut is said', async () => {
    const text = code`
      for i in range(10_003):
          open(f'{i:05d}', 'w').write(str(i))
    `;
    const outcome = succeeded(await run(target(), 'python', text));
    assert.equal(outcome.changes.length, 10_000);
    assert.deepEqual(
      outcome.notices.map((notice) => [notice.code, notice.message]),
      [['changes-cut', '3 more files changed than the 10000 that come back.']],
    );
    assert.equal((await content(target(), outcome, '09999')).toString(), '9999');
  });
});
