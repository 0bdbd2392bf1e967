import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { AcceptedChange } from '../../../src/core/changes/apply.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import {
  applyWith,
  deleting,
  LookedAt,
  rejection,
  ROOTS,
  sent,
  tree,
  Workspace,
  writing,
} from './workspace.ts';

for (const [kind, open] of ROOTS) {
  describe(`a file that is not what the snapshot says, below a root ${kind}`, () => {
    const workspace = new Workspace();
    const apply = async (accepted: AcceptedChange, signal?: AbortSignal) =>
      applyWith(open, workspace.root, accepted, signal);

    it('is a conflict when it has changed, and is replaced only with the user’s leave', async () => {
      for (const mine of ['of another size', 'alt', '']) {
        workspace.put('a', mine);
        const accepted = writing('a', 'new', sent('old'));
        await assert.rejects(apply(accepted), { code: 'conflict', fix: /replace/ });
        assert.deepEqual(tree(workspace.root), { a: mine });
        const undo = await apply({ ...accepted, overwrite: true });
        assert.deepEqual([workspace.text('a'), undo.before?.content.toString()], ['new', mine]);
      }
    });

    it('is a conflict when it has come, whatever the run calls the change', async () => {
      workspace.put('a', 'mine');
      const accepted = writing('a', 'new');
      await assert.rejects(apply(accepted), { code: 'conflict' });
      const renamed = { ...accepted, change: { ...accepted.change, operation: 'modify' as const } };
      await assert.rejects(apply(renamed), { code: 'conflict' });
      await assert.rejects(apply(deleting('a', undefined)), { code: 'conflict' });
      assert.deepEqual(tree(workspace.root), { a: 'mine' });
      await apply({ ...accepted, overwrite: true });
      assert.equal(workspace.text('a'), 'new');
    });

    it('is a conflict when it has gone, and is made again only with the user’s leave', async () => {
      const accepted = writing('d/a', 'new', sent('old'), 0o755);
      await assert.rejects(apply(accepted), { code: 'conflict', message: /is gone/ });
      assert.deepEqual(tree(workspace.root), {});
      const undo = await apply({ ...accepted, overwrite: true });
      assert.deepEqual(
        [workspace.text('d/a'), workspace.mode('d/a') & 0o100, undo.before],
        ['new', 0o100, undefined],
      );
    });

    it('is a conflict for a deletion when it has changed', async () => {
      workspace.put('a', 'mine');
      await assert.rejects(apply(deleting('a', sent('old'))), { code: 'conflict' });
      assert.equal(workspace.text('a'), 'mine');
      const undo = await apply({ ...deleting('a', sent('old')), overwrite: true });
      assert.deepEqual([tree(workspace.root), undo.before?.content.toString()], [{}, 'mine']);
    });

    it('is none when it is already as the change makes it', async () => {
      workspace.put('a', 'new');
      await apply(writing('a', 'new', sent('old')));
      await apply(writing('a', 'new'));
      await apply(deleting('gone', sent('old')));
      await apply(deleting('no/such/folder', sent('old')));
      assert.deepEqual(tree(workspace.root), { a: 'new' });
    });

    for (const overwrite of [false, true]) {
      const leave = overwrite ? ', even with leave to overwrite what the user had seen' : '';
      const cases: [string, AcceptedChange][] = [
        ['modification', { ...writing('d/a', 'new', sent('old')), overwrite }],
        ['deletion', { ...deleting('d/a', sent('old')), overwrite }],
      ];
      for (const [operation, accepted] of cases) {
        it(`is a conflict when the user saves it while the ${operation} is under way${leave}`, async () => {
          let conflicts = 0;
          for (let look = 1, saved = true; saved; look += 1) {
            workspace.put('d/a', 'old');
            const watched = new LookedAt(look, () => {
              workspace.put('d/a', 'saved by the user');
            });
            const applied = apply(accepted, watched.signal);
            const error = await rejection(applied);
            saved = watched.acted;
            if (error) {
              assert.ok(error instanceof OffloadError);
              assert.equal(error.code, 'conflict');
              assert.deepEqual(
                tree(workspace.root),
                { d: 'folder', 'd/a': 'saved by the user' },
                `look ${String(look)}`,
              );
              conflicts += 1;
            } else if (saved) {
              // It was saved before it was read: replaced as allowed, and kept for undo.
              assert.ok(overwrite, `look ${String(look)}`);
              assert.equal((await applied).before?.content.toString(), 'saved by the user');
            }
            rmSync(workspace.at('d/a'), { force: true });
          }
          assert.ok(conflicts > 1, 'there were points at which to save');
        });
      }
    }

    it('is a conflict when the user makes it while it is being made', async () => {
      let conflicts = 0;
      for (let look = 1, made = true; made; look += 1) {
        rmSync(workspace.at('d'), { recursive: true, force: true });
        const watched = new LookedAt(look, () => {
          workspace.put('d/a', 'the user’s');
        });
        const error = await rejection(apply(writing('d/a', 'new'), watched.signal));
        made = watched.acted;
        if (!made) continue;
        assert.ok(error instanceof OffloadError, `look ${String(look)}`);
        assert.equal(error.code, 'conflict');
        assert.deepEqual(tree(workspace.root), { d: 'folder', 'd/a': 'the user’s' });
        conflicts += 1;
      }
      assert.ok(conflicts > 3, 'there were points at which to make it');
    });

    it('is never left half written: a reader sees the old content or the new, whole', async () => {
      const [old, fresh] = ['o'.repeat(300_000), 'n'.repeat(500_000)];
      workspace.put('a', old);
      const seen = new Set<string>();
      const applied = apply(writing('a', fresh, sent(old)));
      const ended = applied.then(() => 'ended');
      const turn = async () => new Promise<string>((resolve) => setImmediate(resolve, 'turn'));
      do seen.add(workspace.text('a'));
      while ((await Promise.race([ended, turn()])) === 'turn');
      seen.add(workspace.text('a'));
      assert.deepEqual([...seen], [old, fresh]);
    });
  });
}
