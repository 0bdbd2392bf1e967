import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveBody } from '../../../backend/src/checkpoint/write-archive.ts';
import { changedEntries } from '../../../backend/src/checkpoint/changed-entries.ts';
import type { CheckpointState } from '../../../backend/src/checkpoint/checkpoint-state.ts';
import { restoreArchive } from '../../../backend/src/checkpoint/restore-archive.ts';
import { stampOf, type BaselineEntry } from '../../../backend/src/workspace/baseline.ts';

const STATE: CheckpointState = {
  format: 1,
  stage: 'agent',
  conversation: 'c1',
  next: ['and then this'],
  early: [{ type: 'interrupt' }],
  inbox: 3,
  turns: 2,
  usage: { wallMs: 5, outputBytes: 0 },
};

describe('a checkpoint', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-checkpoint-'));
    writeFileSync(join(folder, 'outside'), 'untouched');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const trees = (name: string) => {
    const made = { workspace: join(folder, name, 'workspace'), home: join(folder, name, 'home') };
    for (const each of Object.values(made)) mkdirSync(each, { recursive: true });
    return made;
  };

  /** A snapshot's files, written and known by their stamps. */
  const snapshot = (workspace: string): Map<string, BaselineEntry> => {
    const baseline = new Map<string, BaselineEntry>();
    mkdirSync(join(workspace, 'sub/inner'), { recursive: true });
    for (const path of ['same', 'changed', 'sub/gone', 'sub/inner/gone', 'becomes-folder']) {
      writeFileSync(join(workspace, path), `${path} as sent`);
      const stamp = stampOf(lstatSync(join(workspace, path)));
      baseline.set(path, { kind: 'file', hash: '0'.repeat(64), executable: false, stamp });
    }
    symlinkSync('/etc', join(workspace, 'link'));
    baseline.set('link', { kind: 'link', target: '/etc' });
    return baseline;
  };

  async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) {
      await Promise.resolve();
      yield bytes.subarray(at, at + size);
    }
  }

  const written = async (body: { size: number; read: () => AsyncIterable<Uint8Array> }): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of body.read()) parts.push(Buffer.from(part));
    const bytes = Buffer.concat(parts);
    assert.equal(bytes.length, body.size);
    return bytes;
  };

  /** An archive whose lines are made by hand. */
  const made = (...lines: (object | string)[]): Buffer =>
    Buffer.from(
      lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''),
    );

  const END = { kind: 'end' };
  const restore = (bytes: Buffer, to: { workspace: string; home: string }, size = 7, maxBytes?: number) =>
    restoreArchive(chunks(bytes, size), { ...to, owner: undefined }, maxBytes);

  for (const size of [1, 7, 65_536]) {
    it(`brings back what was changed, made, removed and closed, cut after ${String(size)} bytes or not`, async () => {
      const from = trees('from');
      const baseline = snapshot(from.workspace);
      const at = (path: string): string => join(from.workspace, path);
      writeFileSync(at('changed'), 'otherwise');
      rmSync(at('sub'), { recursive: true });
      rmSync(at('becomes-folder'));
      mkdirSync(at('becomes-folder/deep'), { recursive: true });
      writeFileSync(at('becomes-folder/deep/file'), Buffer.from([0, 10, 255, 10]));
      mkdirSync(at('empty'), { mode: 0o700 });
      writeFileSync(at('tool.sh'), '#!', { mode: 0o755 });
      symlinkSync('tool.sh', at('again'));
      mkdirSync(at('closed'));
      writeFileSync(at('closed/unreadable'), 'secret', { mode: 0o000 });
      chmodSync(at('closed'), 0o000);
      mkdirSync(join(from.home, '.agent'));
      writeFileSync(join(from.home, '.agent', 'talk.jsonl'), '{}\n{}\n');

      const { entries, bytes } = await changedEntries(from, baseline, 1e9);
      assert(!entries.some((entry) => 'path' in entry && (entry.path === 'same' || entry.path === 'link')));
      assert.equal(bytes, 9 + 4 + 2 + 6 + 6);
      const archive = await written(archiveBody(STATE, entries, from));

      const to = trees('to');
      snapshot(to.workspace);
      assert.deepEqual(await restore(archive, to, size), STATE);
      const back = (path: string): string => join(to.workspace, path);
      assert.deepEqual(readdirSync(to.workspace).sort(), [
        'again',
        'becomes-folder',
        'changed',
        'closed',
        'empty',
        'link',
        'same',
        'tool.sh',
      ]);
      assert.equal(readFileSync(back('changed'), 'utf8'), 'otherwise');
      assert.equal(readFileSync(back('same'), 'utf8'), 'same as sent');
      assert.deepEqual([...readFileSync(back('becomes-folder/deep/file'))], [0, 10, 255, 10]);
      assert.equal(readlinkSync(back('again')), 'tool.sh');
      assert.equal(readlinkSync(back('link')), '/etc');
      assert.equal(lstatSync(back('tool.sh')).mode & 0o777, 0o755);
      assert.equal(lstatSync(back('empty')).mode & 0o777, 0o700);
      assert.equal(lstatSync(back('closed')).mode & 0o777, 0);
      chmodSync(back('closed'), 0o700);
      assert.equal(lstatSync(back('closed/unreadable')).mode & 0o777, 0);
      assert.equal(readFileSync(join(to.home, '.agent/talk.jsonl'), 'utf8'), '{}\n{}\n');
      // The same again changes nothing: a download may break off.
      assert.deepEqual(await restore(archive, to, 1000), STATE);
    });
  }

  const file = (path: string, size = 4) => ({ in: 'workspace', path, kind: 'file', mode: 0o644, size });
  const hostile: [string, (to: { workspace: string }) => Buffer][] = [
    ['a path that leads out', () => made(STATE, file('../../outside'), 'evil', END)],
    ['an absolute path', () => made(STATE, file('/outside'), 'evil', END)],
    ['a file through a link of the snapshot', () => made(STATE, file('way/outside'), 'evil', END)],
    [
      'a folder through a link of the snapshot',
      () => made(STATE, { in: 'workspace', path: 'way/x', kind: 'folder', mode: 493 }, END),
    ],
    [
      'a folder in the place of a link',
      () => made(STATE, { in: 'workspace', path: 'way', kind: 'folder', mode: 493 }, END),
    ],
    [
      'a link and then a file through it',
      () =>
        made(
          STATE,
          { in: 'workspace', path: 'own', kind: 'link', target: '../..' },
          file('own/outside'),
          'evil',
          END,
        ),
    ],
    [
      'two links, one through the other',
      () =>
        made(
          STATE,
          { in: 'workspace', path: 'own', kind: 'link', target: '../..' },
          { in: 'workspace', path: 'own/outside', kind: 'link', target: 'x' },
          END,
        ),
    ],
    ['a mode with more than permissions', () => made(STATE, { ...file('x'), mode: 0o4755 }, 'evil', END)],
    ['a tree that is none', () => made(STATE, { ...file('x'), in: 'etc' }, 'evil', END)],
    ['a size that is none', () => made(STATE, file('x', -1), END)],
    ['a line that is no JSON', () => made(STATE, 'x\n', END)],
    ['a state that is none', () => made({ format: 2 }, END)],
    ['nothing but an end', () => made(END)],
  ];
  for (const [name, archive] of hostile) {
    it(`is refused with ${name}, and nothing outside is touched`, async () => {
      const to = trees('to');
      symlinkSync('../..', join(to.workspace, 'way'));
      await assert.rejects(restore(archive(to), to), { code: 'bad-frame' });
      assert.deepEqual(readdirSync(folder).sort(), ['outside', 'to']);
      assert.equal(readFileSync(join(folder, 'outside'), 'utf8'), 'untouched');
      assert.equal(readlinkSync(join(to.workspace, 'way')), '../..');
    });
  }

  it('removes nothing through a link', async () => {
    const to = trees('to');
    symlinkSync('../..', join(to.workspace, 'way'));
    await restore(made(STATE, { in: 'workspace', path: 'way/outside', kind: 'gone' }, END), to);
    assert(existsSync(join(folder, 'outside')));
  });

  it('is refused where it is cut, and where it holds too much', async () => {
    const to = trees('to');
    const whole = made(STATE, file('x'), 'abcd', END);
    for (let length = 0; length < whole.length; length += 3)
      await assert.rejects(restore(whole.subarray(0, length), to), { code: 'interrupted' });
    await assert.rejects(restore(whole, to, 7, 3), { code: 'bad-frame' });
    await assert.rejects(restore(made(STATE, file('x', 10 ** 12), 'abcd'), to), { code: 'bad-frame' });
  });
});
