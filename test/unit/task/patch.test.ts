import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
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
import { dirname, join } from 'node:path';
import { patchOf, type PatchFile, type PatchSide } from '../../../src/core/task/patch.ts';

const file = (content: string | Buffer, mode = 0o644): PatchSide => ({
  kind: 'file',
  mode,
  content: Buffer.from(content),
});
const link = (target: string): PatchSide => ({ kind: 'link', mode: 0o777, content: Buffer.from(target) });
const lines = (count: number, word = 'line'): string =>
  Array.from({ length: count }, (_, i) => `${word} ${String(i)}\n`).join('');

const NOISE = randomBytes(100_000);

type Case = [name: string, before: PatchSide | undefined, after: PatchSide | undefined, path?: string];

const CASES: Case[] = [
  ['a file that is new', undefined, file('a\nb\n')],
  ['a file that is new and empty', undefined, file('')],
  ['a file that is new and executable', undefined, file('#!/bin/sh\n', 0o755)],
  ['a file that is gone', file('a\nb\n'), undefined],
  ['an empty file that is gone', file(''), undefined],
  ['one line of many', file(lines(100)), file(lines(100).replace('line 50', 'other'))],
  ['several places', file(lines(100)), file(lines(100).replace('line 5\n', '').replace('line 90', 'x\ny'))],
  ['a first line', file('b\nc\n'), file('a\nb\nc\n')],
  ['everything', file('a\nb\n'), file('c\n')],
  ['a file that becomes empty', file('a\n'), file('')],
  ['an empty file that is filled', file(''), file('a\n')],
  ['no newline at the end, before and after', file('a\nb'), file('a\nc')],
  ['a newline at the end that comes', file('a\nb'), file('a\nb\n')],
  ['a newline at the end that goes', file('a\nb\n'), file('a\nb')],
  ['a new file without a newline', undefined, file('a')],
  ['line ends of Windows', file('a\r\nb\r\n'), file('a\r\nc\r\n')],
  ['line ends that change', file('a\r\nb\r\n'), file('a\nb\n')],
  ['lone carriage returns', file('a\rb\rc'), file('a\rb\rd')],
  ['lines that look like a patch', file('--- a\n+++ b\n@@ -1 +1 @@\n'), file('-- \n\\ No newline\n@@\n')],
  ['bytes that are no UTF-8', file(Buffer.from([0xe9, 10, 0xff])), file(Buffer.from([0xe8, 10, 0xff, 10]))],
  ['a mode alone', file('a\n'), file('a\n', 0o755)],
  ['a mode and a content', file('a\n', 0o755), file('b\n')],
  ['a binary file', file(NOISE), file(Buffer.concat([NOISE.subarray(0, 50_000), Buffer.from([0])]))],
  ['a binary file that is new', undefined, file(Buffer.from([0, 1, 2, 3, 4, 5, 6]))],
  ['a binary file that is gone', file(NOISE), undefined],
  ['a text that becomes binary, with a mode', file('a\n'), file(Buffer.from([0]), 0o755)],
  ['binary contents of each length', file(Buffer.alloc(1)), file(NOISE.subarray(0, 53))],
  ['more edits than are compared', file(lines(4000, 'a')), file(lines(4001, 'b') + 'end')],
  ['a link', link('a'), link('b')],
  ['a link that becomes a file', link('a'), file('a\n')],
  ['a file that becomes a link', file('a\n'), link('../a')],
  ['a name with spaces', file('a\n'), file('b\n'), 'a b/c d.txt'],
  ['a name that ends with a space', undefined, file('b\n'), 'a b '],
  ['a name with quotes and backslashes', file('a\n'), file('b\n'), 'a "b"\\c'],
  ['a name that is not ASCII', file('a\n'), file('b\n'), 'naïve/日本 語.txt'],
  ['a name with control characters', file('a\n'), file('b\n'), 'a\nb\tc\x01d\x7f'],
  ['a name like an option', undefined, file('b\n'), '-p'],
  ['a name like a diff', file('a\n'), undefined, 'a b/a b/a'],
];

describe('a patch', () => {
  let root: string;
  const git = (args: string[], input?: Buffer): string =>
    execFileSync('git', args, {
      cwd: root,
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'offload-patch-'));
    git(['init', '-q', '-b', 'main']);
    git(['config', 'core.autocrlf', 'false']);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const put = (path: string, side: PatchSide | undefined): void => {
    if (side === undefined) return;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (side.kind === 'link') symlinkSync(side.content, join(root, path));
    else writeFileSync(join(root, path), side.content);
    if (side.kind === 'file') chmodSync(join(root, path), side.mode);
  };
  /** All that lies in the root, but git's own. */
  const tree = (): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const stats = lstatSync(join(root, entry));
      if (entry.split('/')[0] === '.git' || stats.isDirectory()) continue;
      const content = stats.isSymbolicLink()
        ? `-> ${readlinkSync(join(root, entry))}`
        : readFileSync(join(root, entry), 'latin1');
      found[entry] = `${stats.isSymbolicLink() ? 'link' : (stats.mode & 0o111).toString(8)} ${content}`;
    }
    return found;
  };
  const trees = (files: PatchFile[]): { before: Record<string, string>; after: Record<string, string> } => {
    const of = (side: 'before' | 'after'): Record<string, string> => {
      for (const each of files) rmSync(join(root, each.path), { force: true });
      for (const each of files) put(each.path, each[side]);
      return tree();
    };
    const after = of('after');
    return { after, before: of('before') };
  };
  /** What git makes of it, there and back. */
  const assertApplies = (files: PatchFile[]): void => {
    const { before, after } = trees(files);
    const patch = patchOf(files);
    git(['apply', '--whitespace=nowarn', '-'], patch);
    assert.deepEqual(tree(), after, patch.toString());
    git(['apply', '--whitespace=nowarn', '-R', '-'], patch);
    assert.deepEqual(tree(), before, patch.toString());
    // Against git's index too, which knows the contents by their names.
    git(['add', '-A']);
    git(['apply', '--whitespace=nowarn', '--index', '-'], patch);
    assert.deepEqual(tree(), after);
  };

  for (const [name, before, after, path = 'file'] of CASES) {
    it(`of ${name} is applied and taken back by git`, () => {
      assertApplies([{ path, before, after }]);
    });
  }

  it('of several files is applied as a whole', () => {
    const files = CASES.map(([, before, after], i) => ({ path: `folder ${String(i)}/é`, before, after }));
    assertApplies(files);
  });

  it('of binary files whose lines have each length is applied and taken back by git', () => {
    const files = Array.from({ length: 110 }, (_, size) => ({
      path: `size ${String(size)}`,
      before: undefined,
      after: file(Buffer.concat([Buffer.from([0]), NOISE.subarray(0, size)])),
    }));
    assertApplies(files);
  });

  it('has the head that git itself writes', () => {
    for (const [name, before, after, path = 'file'] of CASES) {
      // Two heads, or a head with more than one body to choose from.
      if (/becomes a|^lines that look/.test(name)) continue;
      const [from, to] = [before, after].map((side) => {
        rmSync(join(root, path), { force: true });
        put(path, side);
        git(['add', '-A']);
        return git(['write-tree']).trim();
      });
      const options = ['--no-renames', '--binary', '--full-index', '-p'];
      const theirs = git(['diff-tree', ...options, from ?? '', to ?? '']);
      const head = (patch: string): string[] =>
        patch.split('\n').filter((line) => /^(diff |index |old |new |deleted |---|\+\+\+ |GIT)/.test(line));
      const ours = patchOf([{ path, before, after }]).toString('latin1');
      assert(head(theirs).length > 1, name);
      assert.deepEqual(head(ours), head(theirs), name);
      rmSync(join(root, path), { force: true });
    }
  });

  it('of what is as it was is empty', () => {
    assert.equal(patchOf([{ path: 'a', before: file('a\n', 0o640), after: file('a\n', 0o600) }]).length, 0);
  });
});
