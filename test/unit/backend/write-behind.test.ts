import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriteBehind } from '../../../backend/src/journal/write-behind.ts';

describe('writing behind', () => {
  let folder: string;
  let path: string;
  let fd: number;
  let bytes: number;
  let lines: number;
  let errors: Error[];

  const open = (file: string): WriteBehind => {
    fd = openSync(file, 'a');
    return new WriteBehind(fd, {
      onWritten: (moreBytes, moreLines) => {
        bytes += moreBytes;
        lines += moreLines;
      },
      onError: (error) => errors.push(error),
    });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'w-'));
    path = join(folder, 'file');
    [bytes, lines, errors] = [0, 0, []];
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  it('keeps the order, and tells of what is in the file alone', async () => {
    const behind = open(path);
    const all = Array.from({ length: 500 }, (_, i) => `${String(i)} ${'ä€'.repeat(i * 40)}`);
    for (const line of all) {
      behind.add(line);
      assert(readFileSync(path).length >= bytes, 'told of no more than there is');
      if (!behind.hasRoom) await behind.progress();
    }
    await behind.drained();
    assert.equal(readFileSync(path, 'utf8'), all.map((line) => `${line}\n`).join(''));
    assert.deepEqual([bytes, lines], [readFileSync(path).length, 500]);
    assert.equal(behind.idle, true);
    behind.dispose();
  });

  it('takes a line that is larger than its memory', async () => {
    const behind = open(path);
    const all = ['a', 'b', '€'.repeat(1024 * 1024), 'c'];
    for (const line of all) behind.add(line);
    assert.equal(behind.hasRoom, false);
    await behind.drained();
    assert.equal(readFileSync(path, 'utf8'), `${all.join('\n')}\n`);
    behind.dispose();
  });

  it('says that there is no room before its memory is full, and that there is when it has been written', async () => {
    const behind = open(path);
    const line = 'x'.repeat(64 * 1024);
    let added = 0;
    for (; behind.hasRoom; added++) behind.add(line);
    assert(added > 4 && added < 16, `${String(added)} lines`);
    await behind.progress();
    assert.equal(behind.hasRoom, true);
    await behind.drained();
    behind.dispose();
  });

  it('tells of an error once, and writes nothing after it', async () => {
    const behind = open('/dev/full');
    for (const line of ['a', 'b', 'c']) behind.add(line);
    await behind.drained();
    behind.add('d');
    await behind.drained();
    assert.deepEqual(
      errors.map((error) => 'code' in error && error.code),
      ['ENOSPC'],
    );
    assert.deepEqual([bytes, lines], [0, 0]);
    behind.dispose();
  });
});
