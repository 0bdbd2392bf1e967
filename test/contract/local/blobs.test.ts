import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/target/eventually.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { servers } from '../../support/target/processes.ts';
import { targetOf } from '../../support/target/target.ts';
import { hashOf, wholePart } from '../../support/workspace/trees.ts';

describe('the local sandbox: its blobs', () => {
  const target = targetOf(() => localTarget());
  const folder = (...names: string[]): string => join(target().folders.state, 'blobs', ...names);

  it('are closed to everyone else of this machine', async () => {
    await target().sandbox.put([wholePart('content')]);
    const hash = hashOf('content');
    const modes = [folder(), folder(hash.slice(0, 2)), folder(hash.slice(0, 2), hash.slice(2))];
    assert.deepEqual(
      modes.map((path) => lstatSync(path).mode & 0o777),
      [0o700, 0o700, 0o600],
    );
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`outlive their server, which ${signal} ends in the middle of one`, async () => {
      const content = randomBytes(1000);
      const part = (offset: number, last: boolean) => ({
        hash: hashOf(content),
        offset,
        base64: content.subarray(offset, last ? 1000 : 500).toString('base64'),
        last,
      });
      await target().sandbox.put([wholePart(`before ${signal}`), part(0, false)]);
      assert.equal(readdirSync(folder('incoming')).length, 1);
      const before = await servers(target().folder);
      for (const { pid } of before) process.kill(pid, signal);
      await eventually(async () =>
        (await servers(target().folder)).every(({ pid }) => !before.some((each) => each.pid === pid)),
      );
      if (signal === 'SIGTERM') assert.deepEqual(readdirSync(folder('incoming')), []);
      const sandbox = target().client();
      assert.deepEqual(await sandbox.missing([hashOf(`before ${signal}`), hashOf(content)]), [
        hashOf(content),
      ]);
      await assert.rejects(sandbox.put([part(500, true)]), {
        code: 'bad-request',
        fix: /from its beginning/,
      });
      await sandbox.put([part(0, false), part(500, true)]);
      assert.deepEqual(await sandbox.missing([hashOf(content)]), []);
    });
  }
});
