import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import type { AcceptedChange } from '../../../src/core/changes/apply.ts';
import { whileBusy } from '../../../src/core/changes/while-busy.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { skip } from '../../support/reporting/skip.ts';
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

const [old, large] = ['old\n', 'x'.repeat(3 * 1024 * 1024)];

for (const [kind, open] of ROOTS) {
  describe(`applying that fails, below a root ${kind}`, () => {
    const workspace = new Workspace();
    const changes = (): AcceptedChange[] => [
      writing('d/a', large, sent(old)),
      writing('d/new', large),
      writing('d/x/y/new', large),
    ];

    /** Applies a change that must fail, and looks that nothing has come of it. */
    const fails = async (accepted: AcceptedChange, message: RegExp): Promise<void> => {
      const before = tree(workspace.root);
      const error = await rejection(applyWith(open, workspace.root, accepted));
      assert.ok(error instanceof OffloadError, String(error));
      assert.match(error.message, message);
      assert.ok(error.fix !== undefined && error.cause instanceof Error);
      assert.doesNotMatch(error.message, /proc|\.tmp/);
      assert.deepEqual(tree(workspace.root), before);
    };

    it('leaves all as it was when it is aborted, at any point', async () => {
      for (const accepted of [...changes(), deleting('d/a', sent(old))]) {
        let aborted = 0;
        let whole = false;
        for (let look = 1, reached = true; reached; look += 1) {
          workspace.put('d/a', old);
          const before = tree(workspace.root);
          const watched = new LookedAt(look, (controller) => {
            whole ||= Object.values(tree(workspace.root)).includes(large);
            controller.abort(new Error('stopped by the user'));
          });
          const error = await rejection(applyWith(open, workspace.root, accepted, watched.signal));
          reached = watched.acted;
          if (!reached) continue;
          assert.equal(error, watched.signal.reason);
          assert.deepEqual(tree(workspace.root), before, `look ${String(look)}`);
          aborted += 1;
        }
        assert.ok(aborted >= 3, 'there were points at which to abort');
        assert.equal(
          whole,
          accepted.content !== undefined,
          'the last one is when all is written but not in its place',
        );
        rmSync(workspace.at('d'), { recursive: true });
      }
    });

    it('leaves all as it was when the disk is full, and says so', async function () {
      if (process.getuid?.() !== 0 || process.platform !== 'linux')
        skip(this, 'only root can mount a small disk');
      mkdirSync(workspace.at('d'));
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'offload-test', workspace.at('d')], {
          stdio: 'ignore',
        });
      } catch {
        skip(this, 'mounting is not allowed here');
      }
      try {
        workspace.put('d/a', old);
        for (const accepted of changes()) await fails(accepted, /the disk is full/);
        execFileSync('mount', ['-o', 'remount,ro', workspace.at('d')]);
        for (const accepted of [...changes(), deleting('d/a', sent(old))]) await fails(accepted, /read-only/);
      } finally {
        execFileSync('umount', [workspace.at('d')]);
      }
    });

    it('leaves all as it was when the folder may not be written to, and says so', async function () {
      if (process.platform === 'win32') skip(this, 'Windows has no permission bits');
      const isRoot = process.getuid?.() === 0;
      workspace.put('d/a', old);
      if (isRoot) for (const path of ['d', 'd/a']) chownSync(workspace.at(path), 65_534, 65_534);
      chmodSync(workspace.base, 0o755);
      chmodSync(workspace.at('d'), 0o555);
      // Permissions do not bind root.
      if (isRoot) process.seteuid?.(65_534);
      try {
        for (const accepted of [...changes(), deleting('d/a', sent(old))])
          await fails(accepted, /permission is denied/);
      } finally {
        if (isRoot) process.seteuid?.(0);
        chmodSync(workspace.at('d'), 0o755);
      }
    });

    it('leaves a file alone that may not be read, so that it cannot be compared', async function () {
      if (process.platform === 'win32') skip(this, 'Windows has no permission bits');
      const isRoot = process.getuid?.() === 0;
      workspace.put('d/a', old, 0o000);
      for (const folder of [workspace.base, workspace.root, workspace.at('d')]) chmodSync(folder, 0o777);
      if (isRoot) process.seteuid?.(65_534);
      try {
        for (const accepted of [writing('d/a', 'new', sent(old)), deleting('d/a', sent(old))]) {
          const error = await rejection(applyWith(open, workspace.root, accepted));
          assert.ok(error instanceof OffloadError);
          assert.match(error.message, /permission is denied/);
        }
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      assert.equal(workspace.mode('d/a'), 0);
      chmodSync(workspace.at('d/a'), 0o600);
      assert.equal(workspace.text('d/a'), old);
    });
  });
}

describe('a step that another program is in the way of', () => {
  const failing = (times: number, code: string) => {
    const state = { calls: 0 };
    const step = (): void => {
      state.calls += 1;
      if (state.calls <= times) throw Object.assign(new Error(code), { code, syscall: 'rename' });
    };
    return { state, step };
  };

  it('is taken again on Windows, a few times', async () => {
    const { state, step } = failing(2, 'EBUSY');
    await whileBusy(step, 'win32');
    assert.equal(state.calls, 3);
    const never = failing(Infinity, 'EPERM');
    await assert.rejects(whileBusy(never.step, 'win32'), { code: 'EPERM' });
    assert.equal(never.state.calls, 5);
  });

  it('fails at once elsewhere, and for any other reason', async () => {
    for (const [code, platform] of [
      ['EPERM', 'linux'],
      ['ENOSPC', 'win32'],
    ] as const) {
      const { state, step } = failing(1, code);
      await assert.rejects(whileBusy(step, platform), { code });
      assert.equal(state.calls, 1);
    }
  });
});
