import assert from 'node:assert/strict';
import { selectionProgram } from '../../../src/core/program/selection.ts';
import { LANGUAGES } from '../../../src/protocol/languages.ts';
import { code } from '../../support/target/code.ts';
import { changed, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeLanguages(target: () => Target): void {
  describe('languages', () => {
    it('are those that the target says', () => {
      for (const { id } of LANGUAGES) assert(target().capabilities.languages.includes(id), id);
    });

    it('Python: modules beside the entry, and an error with its file and line', async () => {
      const files = [
        { path: 'pkg/helper.py', mode: 0o644, content: { text: 'def fail(): raise ValueError(1)\n' } },
      ];
      const text = selectionProgram('import helper\nprint(2 ** 100)\nhelper.fail()', 39);
      const outcome = await run(target(), 'python', text, { files, entry: 'pkg/selected.py' });
      assert.partialDeepStrictEqual(outcome.end, { type: 'completed', exitCode: 1 });
      assert.equal(outcome.stdout, '1267650600228229401496703205376\n');
      assert.match(outcome.stderr, /File "[^"]*\/pkg\/selected\.py", line 42, in <module>/);
      assert.match(outcome.stderr, /File "[^"]*\/pkg\/helper\.py", line 1, in fail/);
      assert.deepEqual(changed(outcome), []);
    });

    it('JavaScript: CommonJS, with an error with its file and line', async () => {
      const files = [{ path: 'helper.cjs', mode: 0o644, content: { text: 'module.exports = 6 * 7;' } }];
      const text = code`
        const answer = require('./helper.cjs');
        console.log(answer, __filename.endsWith('main.js'));
        throw new Error('thrown');
      `;
      const outcome = await run(target(), 'javascript', text, { files });
      assert.equal(outcome.stdout, '42 true\n');
      assert.match(outcome.stderr, /\/main\.js:3/);
      assert.partialDeepStrictEqual(outcome.end, { type: 'completed', exitCode: 1 });
    });

    it('JavaScript: modules, with top-level await', async () => {
      const files = [{ path: 'helper.mjs', mode: 0o644, content: { text: 'export const answer = 6 * 7;' } }];
      const text = code`
        import { answer } from './helper.mjs';
        import { readFile } from 'node:fs/promises';
        console.log(answer, (await readFile('helper.mjs')).length);
      `;
      const outcome = succeeded(await run(target(), 'javascript', text, { files, entry: 'main.mjs' }));
      assert.equal(outcome.stdout, '42 28\n');
      assert.equal(outcome.stderr, '');
    });

    it('TypeScript: types away, with an error with its file and line', async () => {
      const files = [
        { path: 'shape.ts', mode: 0o644, content: { text: 'export interface Shape { sides: number }' } },
      ];
      const text = code`
        import type { Shape } from './shape.ts';
        const square: Shape = { sides: 4 };
        console.log(square.sides satisfies number);
        throw new Error('thrown' as string);
      `;
      const outcome = await run(target(), 'typescript', text, { files, entry: 'main.mts' });
      assert.equal(outcome.stdout, '4\n');
      assert.match(outcome.stderr, /\/main\.mts:4/);
      assert.doesNotMatch(outcome.stderr, /Warning/);
      assert.partialDeepStrictEqual(outcome.end, { type: 'completed', exitCode: 1 });
    });

    it('Bash: arrays and pipes, with an error with its file and line', async () => {
      const text = code`
        words=(one two three)
        printf '%s\n' "${'$'}{words[@]}" | sort -r
        no-such-command
      `;
      const outcome = await run(target(), 'bash', text);
      assert.equal(outcome.stdout, 'two\nthree\none\n');
      assert.match(outcome.stderr, /main\.sh: line 3: no-such-command: command not found/);
      assert.partialDeepStrictEqual(outcome.end, { type: 'completed', exitCode: 127 });
    });
  });
}
