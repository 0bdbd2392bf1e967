import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
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

for (const [kind, open] of ROOTS) {
  describe(`what is no plain file, below a root ${kind}`, () => {
    const workspace = new Workspace();
    /** Tries all that could be done to `path`, each time with the user's leave to overwrite. */
    const refuse = async (path: string): Promise<void> => {
      const before = tree(workspace.base);
      for (const accepted of [
        writing(path, 'evil\n'),
        writing(path, 'evil\n', sent('kept\n'), 0o755),
        writing(path, 'kept\n', sent('kept\n'), 0o755),
        deleting(path, sent('kept\n')),
      ]) {
        const applied = applyWith(open, workspace.root, {
          ...accepted,
          overwrite: true,
          guardedApproved: true,
        });
        await assert.rejects(applied, { code: 'unsafe-path' });
        assert.deepEqual(tree(workspace.base), before);
      }
    };

    for (const [what, target] of [
      ['a file outside', '../outside/kept.txt'],
      ['a file inside', 'plain.txt'],
      ['nothing', '../outside/absent.txt'],
      ['itself', 'link'],
    ] as const) {
      it(`is refused as a link to ${what}`, async () => {
        workspace.put('plain.txt', 'kept\n');
        symlinkSync(target, workspace.at('link'));
        await refuse('link');
      });
    }

    it('is refused below a link, at any depth, wherever it leads', async () => {
      workspace.put('real/deep/kept.txt', 'kept\n');
      symlinkSync('../outside', workspace.at('out'));
      symlinkSync('real', workspace.at('in'));
      symlinkSync('../../outside', workspace.at('real/out'));
      symlinkSync('.', workspace.at('here'));
      for (const path of [
        'out/kept.txt',
        'out/new/x',
        'in/deep/kept.txt',
        'real/out/kept.txt',
        'here/real/x',
      ]) {
        await refuse(path);
      }
    });

    it('is refused as a folder, an empty one too', async () => {
      mkdirSync(workspace.at('folder'));
      await refuse('folder');
    });

    it('is refused as a named pipe, without waiting for its other end', async function () {
      if (process.platform === 'win32') skip(this, 'Windows has no named pipes in folders');
      execFileSync('mkfifo', [workspace.at('pipe')]);
      await refuse('pipe');
      await refuse('pipe/below');
    });

    it('is refused as a device', async function () {
      if (process.getuid?.() !== 0 || process.platform !== 'linux') skip(this, 'only root can make devices');
      execFileSync('mknod', [workspace.at('zero'), 'c', '1', '5']);
      await refuse('zero');
    });

    it('is refused as a socket', async function () {
      if (process.platform === 'win32') skip(this, 'Windows has no sockets in folders');
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(workspace.at('s'), resolve));
      try {
        await refuse('s');
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    });

    it('is a conflict where it is a file in place of a folder', async () => {
      workspace.put('a', 'mine');
      await assert.rejects(applyWith(open, workspace.root, writing('a/b', 'x')), { code: 'conflict' });
      assert.deepEqual(tree(workspace.root), { a: 'mine' });
    });
  });

  describe(`a link that is swapped in while a change is applied, below a root ${kind}`, () => {
    const workspace = new Workspace();

    const swaps: Record<string, () => void> = {
      'the folder becomes a link to the outside': () => {
        renameSync(workspace.at('d/e'), workspace.at('aside'));
        symlinkSync('../../outside', workspace.at('d/e'));
      },
      'the folder above becomes a link to the outside': () => {
        mkdirSync(join(workspace.outside, 'e'));
        linkSync(join(workspace.outside, 'kept.txt'), join(workspace.outside, 'e/kept.txt'));
        renameSync(workspace.at('d'), workspace.at('aside'));
        symlinkSync('../outside', workspace.at('d'));
      },
      'the folder above becomes a link to where it has gone': () => {
        renameSync(workspace.at('d'), workspace.at('aside'));
        symlinkSync('aside', workspace.at('d'));
      },
      'the file becomes a link to the outside': () => {
        rmSync(workspace.at('d/e/kept.txt'), { force: true });
        symlinkSync('../../../outside/kept.txt', workspace.at('d/e/kept.txt'));
      },
    };
    const changes = {
      'a modification': () => writing('d/e/kept.txt', 'evil\n', sent('kept\n'), 0o755),
      'a deletion': () => deleting('d/e/kept.txt', sent('kept\n')),
      'a creation': () => writing('d/e/new.txt', 'evil\n'),
      'a creation in a new folder': () => writing('d/e/f/new.txt', 'evil\n'),
    };

    for (const [what, swap] of Object.entries(swaps)) {
      for (const [operation, accepted] of Object.entries(changes)) {
        if (what.startsWith('the file') && operation.startsWith('a creation')) continue;

        it(`leads ${operation} nowhere, whenever ${what}`, async () => {
          for (let look = 1, reached = true; reached; look += 1) {
            for (const folder of [workspace.root, workspace.outside]) rmSync(folder, { recursive: true });
            workspace.put('d/e/kept.txt', 'kept\n');
            workspace.put('../outside/kept.txt', 'kept\n');
            let outside: unknown;
            const swapped = new LookedAt(look, () => {
              swap();
              outside = tree(workspace.outside);
            });
            const error = await rejection(applyWith(open, workspace.root, accepted(), swapped.signal));
            reached = swapped.acted;
            if (reached) {
              assert.ok(error instanceof OffloadError, `look ${String(look)}: ${String(error)}`);
              assert.match(error.code, /^(unsafe-path|conflict)$/);
              assert.deepEqual(tree(workspace.outside), outside, `look ${String(look)}`);
            } else {
              assert.equal(error, undefined);
              assert.ok(look > 3, 'there were points at which to swap');
            }
          }
        });
      }
    }

    it('does not follow a folder that is moved outside', async () => {
      const withoutTemporary = (): string[] =>
        Object.keys(tree(workspace.outside)).filter((path) => !/(^|\/)\.offload-[0-9a-f]+\.tmp$/.test(path));
      for (const accepted of Object.values(changes)) {
        for (let look = 1, reached = true; reached; look += 1) {
          for (const folder of [workspace.root, workspace.outside]) rmSync(folder, { recursive: true });
          workspace.put('d/e/kept.txt', 'kept\n');
          mkdirSync(workspace.outside);
          const moved = new LookedAt(look, () => {
            renameSync(workspace.at('d/e'), join(workspace.outside, 'e'));
          });
          await rejection(applyWith(open, workspace.root, accepted(), moved.signal));
          reached = moved.acted;
          if (!reached) continue;
          // The mover takes along what is in the folder by then, a folder that was made in it included.
          assert.deepEqual(
            withoutTemporary().filter((path) => path !== 'e/f'),
            ['e', 'e/kept.txt'],
            `look ${String(look)}`,
          );
          assert.equal(workspace.text('../outside/e/kept.txt'), 'kept\n');
        }
      }
    });
  });
}
