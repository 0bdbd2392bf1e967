import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sourceOf } from '../../../src/core/workspace/taken-snapshot.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

describe('unsaved editors in a snapshot', () => {
  const folder = new TestFolder();
  /** What a snapshot has, with these contents in editors. */
  const seen = async (editors: Record<string, string | Uint8Array>): Promise<Record<string, string>> => {
    const unsaved = new Map(Object.entries(editors).map(([path, content]) => [folder.at(path), content]));
    const { snapshot } = await folder.take({ unsaved });
    return Object.fromEntries(
      snapshot.entries.map((entry) => [entry.path, entry.kind === 'file' ? entry.hash : entry.target]),
    );
  };

  it('are what is sent, with the permission bits of the file', async () => {
    folder.put('run.sh', 'old', 0o755);
    folder.put('other');
    const bytes = Buffer.from([0xff, 0xfe, 0x61, 0x00]);
    const unsaved = new Map<string, string | Uint8Array>([
      [folder.at('run.sh'), 'new é'],
      [folder.at('other'), bytes],
    ]);
    const taken = await folder.take({ unsaved });
    assert.deepEqual(taken.snapshot.entries, [
      { kind: 'file', path: 'other', mode: 0o644, size: 4, hash: sha256(bytes) },
      { kind: 'file', path: 'run.sh', mode: 0o755, size: 6, hash: sha256('new é') },
    ]);
    assert.deepEqual(sourceOf(taken, 'other'), { content: bytes });
  });

  it('come with a file that is not on the disk yet, its folders neither', async () => {
    folder.put('a');
    assert.deepEqual(await seen({ new: '1', 'deep/er/new': '2' }), {
      a: sha256('a\n'),
      'deep/er/new': sha256('2'),
      new: sha256('1'),
    });
  });

  it('of ignored files and of files elsewhere are not sent', async () => {
    folder.put('.gitignore', 'secret\nshut/\n');
    folder.put('secret');
    const paths = Object.keys(
      await seen({ secret: 'x', 'shut/new': 'x', '../elsewhere': 'x', '.git/x': 'x' }),
    );
    assert.deepEqual(paths, ['.gitignore']);
  });

  it('of a link are those of the file that it leads to', async () => {
    folder.put('real/file', 'old');
    folder.link('link', 'real/file');
    folder.link('folder', 'real');
    assert.deepEqual(await seen({ link: 'by link' }), {
      folder: 'real',
      link: 'real/file',
      'real/file': sha256('by link'),
    });
    const { 'real/file': file } = await seen({ 'folder/file': 'by folder' });
    assert.equal(file, sha256('by folder'));
  });

  it('of rules are the rules', async () => {
    folder.put('.gitignore', 'a\n');
    folder.put('a');
    folder.put('b');
    assert.deepEqual(Object.keys(await seen({ '.gitignore': 'b\n' })), ['.gitignore', 'a']);
    assert.deepEqual(Object.keys(await seen({ '.offloadignore': '*\n' })), []);
  });
});
