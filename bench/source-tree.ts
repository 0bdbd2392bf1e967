import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = 20;
const MODULES = 20;
const FILES_IN_MODULE = 25;
const FILE_BYTES = 20_000;

/** Source files of a tree, and their bytes. */
export const FILES = PACKAGES * MODULES * FILES_IN_MODULE;
export const TREE_BYTES = FILES * FILE_BYTES;

/** What projects ignore. */
const IGNORED = [
  'node_modules/',
  'dist/',
  'build/',
  'coverage/',
  '*.log',
  '*.tmp',
  '.cache/',
  '/out',
  '*.tsbuildinfo',
];

const WORDS = [
  'const',
  'value',
  'return',
  'import',
  'function',
  'items',
  'map',
  '=>',
  '(a, b)',
  '{',
  '}',
  "'text';",
];

/** A text like a source file's, of its own for each number. */
export function textOf(number: number): string {
  let state = (number * 2654435761) >>> 0;
  const lines: string[] = [`// file ${String(number)}`];
  for (let length = 0; length < FILE_BYTES; length += (lines.at(-1)?.length ?? 0) + 1) {
    const line: string[] = [];
    for (let word = 0; word < 10; word++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      line.push(WORDS[(state >>> 16) % WORDS.length] ?? '');
    }
    lines.push(`  ${line.join(' ')}`);
  }
  return lines.join('\n').slice(0, FILE_BYTES);
}

/** Makes a tree of source files, and beside them what a project ignores. */
export function makeTree(root: string): void {
  let number = 0;
  for (let each = 0; each < PACKAGES; each++) {
    for (let module = 0; module < MODULES; module++) {
      const folder = join(root, `package-${String(each)}`, `module-${String(module)}`);
      mkdirSync(folder, { recursive: true });
      for (let file = 0; file < FILES_IN_MODULE; file++) {
        writeFileSync(join(folder, `file-${String(file)}.ts`), textOf(number++));
      }
    }
    const ignored = join(root, `package-${String(each)}`, 'node_modules');
    mkdirSync(ignored);
    for (let file = 0; file < 50; file++) writeFileSync(join(ignored, `${String(file)}.js`), '');
  }
  writeFileSync(join(root, '.gitignore'), `${IGNORED.join('\n')}\n`);
}
