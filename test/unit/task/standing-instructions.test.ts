import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStandingInstructions } from '../../../src/core/task/standing-instructions.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

describe('standing instructions', () => {
  let folder: string;
  let root: string;
  const at = (...names: string[]): string => join(root, ...names);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-standing-'));
    root = join(folder, 'root');
    mkdirSync(join(root, '.offload'), { recursive: true });
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside', 'task.md'), 'outside');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const assertRefused = (what: RegExp, code = 'bad-request'): Promise<void> =>
    assert.rejects(readStandingInstructions(root), (error) => {
      assert(error instanceof OffloadError);
      assert.equal(error.code, code);
      assert.match(error.message, what);
      assert.match(error.fix ?? '', /\.offload\/task\.md/);
      return true;
    });

  it('are the text of .offload/task.md', async () => {
    writeFileSync(at('.offload', 'task.md'), '\ufeffBe brief.\r\nüber\n');
    assert.equal(await readStandingInstructions(root), 'Be brief.\r\nüber\n');
  });

  it('are none where there is no such file, or nothing in it', async () => {
    assert.equal(await readStandingInstructions(root), undefined);
    writeFileSync(at('.offload', 'task.md'), ' \n');
    assert.equal(await readStandingInstructions(root), undefined);
    rmSync(at('.offload'), { recursive: true });
    assert.equal(await readStandingInstructions(root), undefined);
  });

  it('are never read through a link', async () => {
    symlinkSync(join(folder, 'outside', 'task.md'), at('.offload', 'task.md'));
    await assertRefused(/task\.md is a link/);
    rmSync(at('.offload'), { recursive: true });
    symlinkSync(join(folder, 'outside'), at('.offload'));
    await assertRefused(/\.offload is a link/);
  });

  it('are refused where they are no text, too long, or no file', async () => {
    writeFileSync(at('.offload', 'task.md'), Buffer.from([0x61, 0xff]));
    await assertRefused(/not UTF-8/);
    writeFileSync(at('.offload', 'task.md'), 'x'.repeat(64 * 1024 + 1));
    await assertRefused(/65537 bytes; 65536/, 'too-large');
    rmSync(at('.offload', 'task.md'));
    mkdirSync(at('.offload', 'task.md'));
    await assertRefused(/a folder/);
    rmSync(at('.offload'), { recursive: true });
    writeFileSync(at('.offload'), 'a file');
    await assertRefused(/\.offload is a file/);
    rmSync(at('.offload'));
    mkdirSync(at('.offload'));
    execFileSync('mkfifo', [at('.offload', 'task.md')]);
    await assertRefused(/named pipe/);
  });
});
