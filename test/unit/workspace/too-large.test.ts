import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_SNAPSHOT_ENTRIES, MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

describe('a workspace that is too large', () => {
  const folder = new TestFolder();
  const refusal = async (): Promise<OffloadError> => {
    const error: unknown = await folder.take().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof OffloadError, String(error));
    assert.equal(error.code, 'too-large');
    return error;
  };
  const sparse = (path: string, size: number): void => {
    truncateSync(folder.put(path, ''), size);
  };

  it('in files is refused with the folders that hold the most, and taken when they are ignored', async () => {
    folder.put('src/main.ts');
    for (const [name, count] of [
      ['data/images', MAX_SNAPSHOT_ENTRIES],
      ['cache', 3000],
    ] as const) {
      for (let index = 0; index < count; index++) {
        const inner = `${name}/${String(index % 40)}`;
        if (index < 40) mkdirSync(folder.at(inner), { recursive: true });
        symlinkSync('nowhere', folder.at(`${inner}/${String(index)}`));
      }
    }
    const { message, fix } = await refusal();
    assert.match(
      message,
      /more than 100000 files to send; most are in data\/images\/ \(\d+ or more\), cache\/ /,
    );
    assert.match(fix ?? '', /\.offloadignore, such as: \/data\/images\/ \/cache\/$/);
    folder.put('.offloadignore', '/data/images/\n/cache/\n');
    assert.deepEqual(await folder.paths(), ['.offloadignore', 'src/main.ts']);
  });

  it('in bytes is refused with the folders that hold the most', async () => {
    for (let index = 0; index < 4; index++) sparse(`sets/${String(index)}.bin`, MAX_SNAPSHOT_FILE_BYTES);
    sparse('small/x', 1);
    const { message, fix } = await refusal();
    assert.match(message, /has 2049 MB to send; 2048 MB go at most; most are in sets\/ \(2048 MB\)\.$/);
    assert.match(fix ?? '', /\/sets\//);
  });

  it('in a single file is refused with its name', async () => {
    sparse('a/one\nlarge.bin', MAX_SNAPSHOT_FILE_BYTES + 1);
    const { message, fix } = await refusal();
    assert.match(message, /^a\/one\\nlarge\.bin has 513 MB; 512 MB of one file go at most\.$/);
    assert.match(fix ?? '', /\.offloadignore: \/a\/one\\nlarge\.bin$/);
  });
});
