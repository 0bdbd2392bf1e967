import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { changed, content, failure, run, succeeded } from '../../support/target/run.ts';
import { describeLocal } from './describe-local.ts';

const MIB = 1024 * 1024;

describeLocal('what a program leaves in its workspace', (target) => {
  const file = (path: string) => ({ path, mode: 0o644, content: { text: path } });

  it('comes back from under a folder and out of a file that nobody may read', async () => {
    const text = code`
      import os
      os.mkdir('closed')
      open('closed/inside', 'w').write('inside')
      open('unreadable', 'w').write('unreadable')
      os.chmod('unreadable', 0)
      os.chmod('kept/closed', 0)
      os.chmod('kept', 0)
      os.chmod('closed', 0)
    `;
    const files = [file('kept/closed'), file('kept/open')];
    const outcome = succeeded(await run(target(), 'python', text, { files }));
    assert.deepEqual(changed(outcome), ['create closed/inside', 'create unreadable']);
    assert.equal((await content(target(), outcome, 'closed/inside')).toString(), 'inside');
    assert.equal((await content(target(), outcome, 'unreadable')).toString(), 'unreadable');
  });

  it('is named in part when it is left out: links, pipes, sockets and names that are not UTF-8', async () => {
    const text = code`
      import os
      open(b'\xff\xfe', 'w')
      os.mkdir(b'\xff')
      open(b'\xff/inside', 'w')
      for i in range(20):
          os.symlink('/etc/passwd', f'link{i:02d}')
    `;
    const outcome = succeeded(await run(target(), 'python', text));
    assert.deepEqual(changed(outcome), []);
    assert.match(outcome.notices[0]?.message ?? '', /a name that is not UTF-8.* and \d+ more\.$/);
  });

  it('is read through no link, be it a file or a folder', async () => {
    const text = code`
      import os, shutil
      shutil.rmtree('folder')
      os.symlink('/etc', 'folder')
      os.symlink('/proc/self/root', 'root')
      os.symlink('.', 'loop')
      os.remove('file')
      os.symlink('/etc/hostname', 'file')
    `;
    const files = [file('folder/passwd'), file('file')];
    const outcome = succeeded(await run(target(), 'python', text, { files }));
    assert.deepEqual(changed(outcome), ['delete file', 'delete folder/passwd']);
  });

  it('comes back by each of its names when it has several, with its mode', async () => {
    const text = code`
      import os
      open('a', 'w').write('same')
      os.chmod('a', 0o755)
      os.link('a', 'b')
      os.link('a', 'c')
      os.link('kept', 'd')
    `;
    const outcome = succeeded(await run(target(), 'python', text, { files: [file('kept')] }));
    assert.deepEqual(
      outcome.changes.map(({ path, mode }) => [path, mode]),
      [
        ['a', 0o755],
        ['b', 0o755],
        ['c', 0o755],
        ['d', 0o644],
      ],
    );
    for (const name of ['a', 'b', 'c'])
      assert.equal((await content(target(), outcome, name)).toString(), 'same');
  });

  it('loses the bits that would lend rights', async () => {
    const text = code`
      import os
      for name, mode in (('setuid', 0o4755), ('setgid', 0o2755), ('sticky', 0o1644)):
          open(name, 'w')
          os.chmod(name, mode)
    `;
    const outcome = succeeded(await run(target(), 'python', text));
    assert.deepEqual(
      outcome.changes.map(({ path, mode }) => [path, mode]),
      [
        ['setgid', 0o755],
        ['setuid', 0o755],
        ['sticky', 0o644],
      ],
    );
  });

  it('cannot be a device', async () => {
    const text = code`
      import os, stat
      for kind in stat.S_IFCHR, stat.S_IFBLK:
          try:
              os.mknod('device', kind | 0o666, os.makedev(1, 3))
              print('made')
          except OSError as error:
              print(error.strerror)
    `;
    const { stdout } = succeeded(await run(target(), 'python', text));
    assert.equal(stdout, 'Operation not permitted\nOperation not permitted\n');
  });

  it('ends the run when it nests deeper than a path can say, and the next run goes well', async () => {
    const text = code`
      import os
      print('first')
      open('beside', 'w').write('beside')
      for i in range(3000):
          os.mkdir('folder')
          os.chdir('folder')
      open('bottom', 'w').write('bottom')
    `;
    const outcome = await run(target(), 'python', text);
    assert.equal(failure(outcome), 'workspace-limit');
    assert.equal(outcome.stdout, 'first\n');
    succeeded(await run(target(), 'bash', 'true'));
  });

  it('counts with its holes: a sparse terabyte does not come back', async () => {
    const text = "open('sparse', 'wb').truncate(1 << 40); print('made')";
    const limits = { fileBytes: 2 ** 40, workspaceBytes: 64 * MIB };
    const outcome = await run(target(), 'python', text, { limits });
    assert.equal(failure(outcome), 'workspace-limit');
    assert.deepEqual(outcome.changes, []);
  });

  it('counts while it is open and unlinked', async () => {
    const text = code`
      import os, time
      files = []
      for i in range(6):
          files.append(open('unlinked', 'wb', buffering=0))
          os.unlink('unlinked')
          for _ in range(50):
              files[-1].write(bytes(1 << 20))
      time.sleep(60)
    `;
    const limits = { workspaceBytes: 128 * MIB };
    assert.equal(failure(await run(target(), 'python', text, { limits })), 'workspace-limit');
  });

  it('counts in a folder that the program has closed to itself', async () => {
    const text = code`
      import os, time
      for i in range(6):
          os.mkdir(f'{i}')
          open(f'{i}/file', 'wb').write(bytes(50 << 20))
          os.chmod(f'{i}', 0)
      time.sleep(60)
    `;
    const limits = { workspaceBytes: 128 * MIB };
    assert.equal(failure(await run(target(), 'python', text, { limits })), 'workspace-limit');
  });
});
