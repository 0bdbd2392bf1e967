import assert from 'node:assert/strict';
import { localTarget } from '../../support/target/local-target.ts';
import { run, succeeded } from '../../support/target/run.ts';

describe('the local sandbox of a user whose files are theirs alone', () => {
  it('runs as it does for others', async () => {
    const before = process.umask(0o077);
    const target = await localTarget();
    try {
      const { events } = succeeded(await run(target, 'bash', 'echo made > file; ls -l file'));
      assert(events.some((event) => event.type === 'change' && event.path === 'file'));
    } finally {
      process.umask(before);
      await target.dispose();
    }
  });
});
