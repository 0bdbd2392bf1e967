import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { InputFile } from '../../../src/protocol/request.ts';
import { code } from '../../support/target/code.ts';
import { changed, content, request, run, submit, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

const file = (path: string, text: string, mode = 0o644): InputFile => ({ path, mode, content: { text } });

export function describeFiles(target: () => Target): void {
  describe('files', () => {
    it('go along, nested ones and executable ones', async () => {
      const files = [
        file('data/deep/er/in.txt', 'in'),
        file('tool', '#!/bin/sh\necho tool', 0o755),
        { path: 'bytes', mode: 0o644, content: { base64: 'AP8=' } },
      ];
      const text = 'cat data/deep/er/in.txt; ./tool; od -An -tx1 bytes';
      const outcome = succeeded(await run(target(), 'bash', text, { files }));
      assert.equal(outcome.stdout, 'intool\n 00 ff\n');
      assert.deepEqual(changed(outcome), []);
    });

    it('come back as what was created, modified and deleted, and nothing else', async () => {
      const files = [
        file('kept', 'kept'),
        file('rewritten', 'same'),
        file('edited', 'old'),
        file('removed', 'gone'),
        file('folder/removed', 'gone'),
        file('made-executable', 'x'),
        file('made-plain', 'x', 0o755),
      ];
      const text = code`
        import os, shutil
        os.makedirs('new/nested')
        open('new/nested/file', 'w').write('new')
        open('rewritten', 'w').write('same')
        open('edited', 'w').write('new')
        os.remove('removed')
        shutil.rmtree('folder')
        os.chmod('made-executable', 0o755)
        os.chmod('made-plain', 0o644)
        os.chmod('kept', 0o600)
        os.makedirs('an/empty/folder')
        open('empty', 'w')
      `;
      const outcome = succeeded(await run(target(), 'python', text, { files }));
      assert.deepEqual(changed(outcome), [
        'create empty',
        'create new/nested/file',
        'delete folder/removed',
        'delete removed',
        'modify edited',
        'modify made-executable',
        'modify made-plain',
      ]);
      const modeOf = (path: string): number | undefined =>
        outcome.changes.find((change) => change.path === path)?.mode;
      assert.deepEqual(
        [modeOf('made-executable'), modeOf('made-plain'), modeOf('empty')],
        [0o755, 0o644, 0o644],
      );
      assert.equal((await content(target(), outcome, 'edited')).toString(), 'new');
    });

    it('come back byte by byte under their hash: none, a few and five million', async () => {
      const text = code`
        import random
        open('none', 'wb')
        open('few', 'wb').write(bytes([0, 255, 13, 10]))
        open('many', 'wb').write(random.Random(7).randbytes(5_000_000))
        open('again', 'wb').write(bytes([0, 255, 13, 10]))
      `;
      const outcome = succeeded(await run(target(), 'python', text));
      assert.deepEqual(outcome.changes.map(({ path, size }) => [path, size]).sort(), [
        ['again', 4],
        ['few', 4],
        ['many', 5_000_000],
        ['none', 0],
      ]);
      for (const { path, hash } of outcome.changes) {
        const bytes = await content(target(), outcome, path);
        assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, path);
      }
      assert.deepEqual([...(await content(target(), outcome, 'again'))], [0, 255, 13, 10]);
    });

    it('stand where the entry expects them, and the code of a selection never comes back', async () => {
      const text = code`
        import pathlib
        print(pathlib.Path(__file__).relative_to(pathlib.Path.cwd()), open('beside.txt').read())
        open(__file__, 'a').write('# changed')
        open('pkg/made', 'w')
      `;
      const files = [file('beside.txt', 'beside'), file('pkg/main.py', 'the whole file')];
      const outcome = succeeded(await run(target(), 'python', text, { entry: 'pkg/main.py', files }));
      assert.equal(outcome.stdout, 'pkg/main.py beside\n');
      assert.deepEqual(changed(outcome), ['create pkg/made']);
    });

    it('of a run without code come back when the program edits its own entry', async () => {
      const files = [file('main.py', "open(__file__, 'a').write('#')")];
      const outcome = succeeded(await submitEntry(target(), files));
      assert.deepEqual(changed(outcome), ['modify main.py']);
    });

    it('have names with line breaks, quotes, backslashes and control characters', async () => {
      const names = [
        'a\nb',
        `'"\``,
        '..\\..\\up',
        '\u0001\u001b]52;c;eA==\u0007',
        ' ',
        'ü€😀',
        '$(touch x)',
        '-rf',
      ];
      const text = code`
        import json, sys
        for name in json.loads(sys.argv[1]):
            open(name, 'w').write(name)
      `;
      const outcome = succeeded(await run(target(), 'python', text, { args: [JSON.stringify(names)] }));
      assert.deepEqual(changed(outcome), names.map((name) => `create ${name}`).sort());
      for (const name of names) assert.equal((await content(target(), outcome, name)).toString(), name);
    });

    it('that are links, pipes or sockets stay behind, and that is said', async () => {
      const files = [file('becomes-link', 'x')];
      const text = code`
        import os, socket
        open('real', 'w').write('real')
        os.remove('becomes-link')
        os.symlink('/etc/passwd', 'becomes-link')
        os.symlink('real', 'link')
        os.symlink('/', 'folder-link')
        os.mkfifo('pipe')
        socket.socket(socket.AF_UNIX).bind('socket')
      `;
      const outcome = succeeded(await run(target(), 'python', text, { files }));
      assert.deepEqual(changed(outcome), ['create real', 'delete becomes-link']);
      assert.deepEqual(
        outcome.notices.map(({ code: noticed }) => noticed),
        ['left-out'],
      );
      for (const name of ['becomes-link', 'link', 'folder-link', 'pipe', 'socket'])
        assert(
          outcome.notices[0]?.message.includes(`"${name}"`),
          `${name}: ${String(outcome.notices[0]?.message)}`,
        );
    });

    it('that are not there are unknown blobs', async () => {
      const outcome = succeeded(await run(target(), 'bash', 'true'));
      const hash = createHash('sha256').update(randomBytes(8)).digest('hex');
      const expected = target().capabilities.attach ? 'unknown-blob' : 'not-supported';
      await assert.rejects(target().sandbox.readBlob(outcome.runId, hash), { code: expected });
    });
  });
}

/** Runs the first of the files. */
const submitEntry = async (target: Target, files: InputFile[]) => {
  const { code: _, ...rest } = request(target, 'python', 'x', { files });
  return submit(target, rest);
};
