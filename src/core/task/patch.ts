import { createHash } from 'node:crypto';
import { structuredPatch } from 'diff';
import { isExecutable } from '../changes/permission.ts';
import { gitBinary } from './git-binary.ts';
import { gitName } from './git-name.ts';

/** A file of a tree, or the link that is there with its target as content. */
export interface PatchSide {
  kind: 'file' | 'link';
  /** Permission bits; of these the executable bit counts. */
  mode: number;
  content: Buffer;
}

/** What a file was and what it is now; undefined where it is not there. */
export interface PatchFile {
  path: string;
  before: PatchSide | undefined;
  after: PatchSide | undefined;
}

/** Bytes among which a zero makes a file binary, as git has it. */
const LOOKED_AT = 8000;
/** Bytes of a file that is compared by lines; larger ones go whole. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** Lines that two texts may differ in to be compared: past this the comparison takes longer than reading is worth. */
const MAX_EDITS = 3000;
const CONTEXT = 3;

/**
 * The patch that makes the files what they are now, for `git apply`: text as a unified diff, anything else as a binary
 * patch. It holds the contents' own bytes.
 */
export const patchOf = (files: readonly PatchFile[]): Buffer => Buffer.concat(files.map(filePatch));

function filePatch(file: PatchFile): Buffer {
  const { path, before, after } = file;
  // What changes its kind goes and comes again, as in git's own patches.
  if (before !== undefined && after !== undefined && before.kind !== after.kind) {
    return Buffer.concat([
      filePatch({ path, before, after: undefined }),
      filePatch({ path, before: undefined, after }),
    ]);
  }
  const [old, now] = [before?.content ?? NOTHING, after?.content ?? NOTHING];
  const same = old.equals(now);
  const modes = modeLines(file);
  if (same && modes.length === 0) return NOTHING;
  const head = [`diff --git ${gitName(`a/${path}`)} ${gitName(`b/${path}`)}`, ...modes];
  const unchanged = same && before !== undefined && after !== undefined;
  if (!unchanged) {
    const [from, to] = [objectName(before), objectName(after)];
    head.push(`index ${from}..${to}${modes.length === 0 ? ` ${gitMode(after)}` : ''}`);
  }
  const body = same ? '' : isText(old) && isText(now) ? textBody(file, old, now) : gitBinary(old, now);
  return Buffer.from(`${head.join('\n')}\n${body}`, 'latin1');
}

const NOTHING = Buffer.alloc(0);

const isText = (content: Buffer): boolean =>
  content.length <= MAX_TEXT_BYTES && !content.subarray(0, LOOKED_AT).includes(0);

const gitMode = (side: PatchSide | undefined): string => {
  if (side?.kind === 'link') return '120000';
  return side !== undefined && isExecutable(side.mode) ? '100755' : '100644';
};

function modeLines({ before, after }: PatchFile): string[] {
  if (before === undefined) return [`new file mode ${gitMode(after)}`];
  if (after === undefined) return [`deleted file mode ${gitMode(before)}`];
  const [old, now] = [gitMode(before), gitMode(after)];
  return old === now ? [] : [`old mode ${old}`, `new mode ${now}`];
}

/** The name of git's object for a content, in a repository of the usual kind: a binary patch applies by it. */
function objectName(side: PatchSide | undefined): string {
  if (side === undefined) return '0'.repeat(40);
  return createHash('sha1').update(`blob ${side.content.length}\0`).update(side.content).digest('hex');
}

/** Bytes travel as characters of one byte each. */
function textBody({ path, before, after }: PatchFile, old: Buffer, now: Buffer): string {
  const [oldText, newText] = [old.toString('latin1'), now.toString('latin1')];
  const lines = [
    `--- ${before === undefined ? '/dev/null' : headName(`a/${path}`)}`,
    `+++ ${after === undefined ? '/dev/null' : headName(`b/${path}`)}`,
  ];
  const compared = structuredPatch('', '', oldText, newText, '', '', {
    context: CONTEXT,
    maxEditLength: MAX_EDITS,
  });
  for (const hunk of compared?.hunks ?? [wholeHunk(oldText, newText)]) {
    lines.push(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`);
    for (const line of hunk.lines) lines.push(line);
  }
  return lines.join('\n') + '\n';
}

/** A tab ends a name with a space, as git has it: a date could follow it. */
const headName = (name: string): string => (name.includes(' ') ? `${gitName(name)}\t` : gitName(name));

/** A range of no lines is after the line before it. */
const range = (start: number, lines: number): string =>
  lines === 0 ? `${start - 1},0` : lines === 1 ? String(start) : `${start},${lines}`;

/** All that was goes, all that is comes. */
function wholeHunk(oldText: string, newText: string) {
  const [old, now] = [linesOf(oldText, '-'), linesOf(newText, '+')];
  const count = (lines: string[]): number => lines.filter((line) => !line.startsWith('\\')).length;
  return { oldStart: 1, oldLines: count(old), newStart: 1, newLines: count(now), lines: [...old, ...now] };
}

function linesOf(text: string, sign: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => sign + line);
  if (text.endsWith('\n')) lines.pop();
  else lines.push('\\ No newline at end of file');
  return lines;
}
