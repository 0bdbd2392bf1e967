import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeWorkspace,
  encodeWorkspace,
  type KnownWorkspace,
} from '../../../src/core/workspace/known-workspace.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Milliseconds after which a file's times tell every later change. */
const SETTLED = 2600;

describe('what is kept from one snapshot to the next', () => {
  const folder = new TestFolder();
  const take = (): Promise<Record<string, string>> =>
    folder
      .take({ cacheFolder: folder.cache })
      .then(({ snapshot }) =>
        Object.fromEntries(
          snapshot.entries.map((entry) => [entry.path, entry.kind === 'file' ? entry.hash : '']),
        ),
      );
  const cacheFile = (): string => join(folder.cache, readdirSync(folder.cache)[0] ?? '');
  const kept = (): KnownWorkspace => {
    const known = decodeWorkspace(readFileSync(cacheFile()));
    assert.ok(known);
    return known;
  };
  /** Rewrites what is kept, so that a snapshot shows what it has taken from there. */
  const forge = (): void => {
    writeFileSync(cacheFile(), encodeWorkspace({ ...kept(), hashes: kept().hashes.replace(/./g, 'f') }));
  };
  const forged = 'f'.repeat(64);

  it('is a file that only its user can read', async () => {
    folder.put('a');
    await take();
    assert.equal(readdirSync(folder.cache).length, 1);
    assert.equal(statSync(cacheFile()).mode & 0o777, 0o600);
  });

  it('is the hash of each file whose times will tell a change, and of no other', async () => {
    // Whole seconds: such a time can be put back to the last digit.
    const time = 1_700_000_000;
    utimesSync(folder.put('a/old', 'old'), time, time);
    folder.put('b', 'b');
    await sleep(SETTLED);
    folder.put('a/new', 'new');
    assert.deepEqual(await take(), { 'a/new': sha256('new'), 'a/old': sha256('old'), b: sha256('b') });
    assert.deepEqual(kept().names.toSorted(), ['b', 'old']);
    forge();
    // What is known is believed, as long as the file looks the same.
    assert.deepEqual(await take(), { 'a/new': sha256('new'), 'a/old': forged, b: forged });
    utimesSync(folder.put('a/old', 'OLD'), time, time);
    renameSync(folder.at('b'), folder.at('moved'));
    folder.put('b', 'B');
    assert.deepEqual(await take(), {
      'a/new': sha256('new'),
      'a/old': sha256('OLD'),
      b: sha256('B'),
      moved: sha256('b'),
    });
  });

  it('is not believed when it is damaged, cut, of another form, or could have been written by others', async () => {
    folder.put('a', 'a');
    await sleep(SETTLED);
    await take();
    forge();
    const whole = readFileSync(cacheFile());
    assert.deepEqual(await take(), { a: forged });
    for (const bytes of [
      ...[0, 21, 24, 40, 60, whole.length - 1].map((at) => flipped(whole, at)),
      whole.subarray(0, whole.length - 1),
      whole.subarray(0, 30),
      Buffer.alloc(0),
      Buffer.concat([whole, Buffer.from('x')]),
    ]) {
      writeFileSync(cacheFile(), bytes);
      assert.deepEqual(await take(), { a: sha256('a') });
    }
    writeFileSync(cacheFile(), whole);
    chmodSync(cacheFile(), 0o644);
    assert.deepEqual(await take(), { a: sha256('a') });
    assert.equal(statSync(cacheFile()).mode & 0o777, 0o600);
    const elsewhere = join(folder.base, 'elsewhere');
    writeFileSync(elsewhere, whole, { mode: 0o600 });
    const place = cacheFile();
    unlinkSync(place);
    symlinkSync(elsewhere, place);
    assert.deepEqual(await take(), { a: sha256('a') });
    assert.deepEqual(readFileSync(elsewhere), whole);
  });

  it('lets no file through that rules have come to ignore, nor keeps one out that they let in', async () => {
    for (const path of ['a/x', 'a/y', 'b/x', 'c']) folder.put(path, '');
    const paths = async (): Promise<string[]> => Object.keys(await take());
    assert.deepEqual(await paths(), ['a/x', 'a/y', 'b/x', 'c']);
    folder.put('.gitignore', 'x\n');
    assert.deepEqual(await paths(), ['.gitignore', 'a/y', 'c']);
    folder.put('a/.offloadignore', '!x\ny\n');
    assert.deepEqual(await paths(), ['.gitignore', 'a/.offloadignore', 'a/x', 'c']);
    folder.put('.gitignore', 'b/\n');
    assert.deepEqual(await paths(), ['.gitignore', 'a/.offloadignore', 'a/x', 'c']);
    unlinkSync(folder.at('a/.offloadignore'));
    assert.deepEqual(await paths(), ['.gitignore', 'a/x', 'a/y', 'c']);
    unlinkSync(folder.at('c'));
    cpSync(folder.at('a'), folder.at('c'), { recursive: true });
    folder.put('.gitignore', 'c/\n');
    assert.deepEqual(await paths(), ['.gitignore', 'a/x', 'a/y', 'b/x']);
  });

  it('is told apart by the roots', async () => {
    folder.put('a/f', '');
    folder.put('b/f', '');
    for (const path of ['a', 'b'])
      await folder.take({ roots: [{ path: folder.at(path) }], cacheFolder: folder.cache });
    assert.equal(readdirSync(folder.cache).length, 2);
  });

  it('is written for nothing where it cannot be, and nothing fails', async () => {
    folder.put('a', 'a');
    const { snapshot } = await folder.take({ cacheFolder: folder.at('a') });
    assert.equal(snapshot.entries.length, 1);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
