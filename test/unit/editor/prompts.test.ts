import assert from 'node:assert/strict';
import { problemPrompt, runPrompt, selectionPrompt } from '../../../src/editor/task/prompts.ts';

const excerpt = {
  path: 'src/a.ts',
  languageId: 'typescript',
  line: 3,
  text: 'let a: number = "x";\nlet b;\n',
};

describe('the prompt of a task', () => {
  it('has the words, then what was selected with its place', () => {
    assert.equal(
      selectionPrompt('  Explain this ', [excerpt]),
      'Explain this\n\nThis is about `src/a.ts`, lines 3 to 4:\n\n```typescript\nlet a: number = "x";\nlet b;\n```',
    );
  });

  it('says of what is in no file that it is in none', () => {
    assert.match(selectionPrompt('x', [{ ...excerpt, path: undefined }]), /code that is in no file/);
  });

  it('quotes code in a fence that the code cannot close', () => {
    const text = selectionPrompt('x', [{ ...excerpt, text: '```\n````\n' }]);
    assert.ok(text.endsWith('`````typescript\n```\n````\n`````'), text);
  });

  it('has everything that tools say about a place', () => {
    const text = problemPrompt(excerpt, [
      { severity: 'error', message: 'no number', source: 'ts(2322)' },
      { severity: 'hint', message: 'unused' },
    ]);
    for (const part of ['`src/a.ts`, lines 3 to 4', 'error of ts(2322):', 'no number', 'hint:', 'unused']) {
      assert.ok(text.includes(part), part);
    }
  });

  it('has how a run failed and the end of what it said', () => {
    const stderr = `${'x'.repeat(100_000)}\nValueError: here\n`;
    const text = runPrompt({ title: 'a.py (line 3)', entry: 'a.py', outcome: 'Exited with code 1', stderr });
    assert.match(text, /Running `a\.py` failed: Exited with code 1\./);
    assert.match(text, /ValueError: here\n```$/);
    assert.ok(text.length < 40_000);
  });

  it('says so when a run that failed has said nothing', () => {
    assert.match(runPrompt({ title: 'a', outcome: 'x', stderr: ' \n' }), /wrote nothing/);
  });
});
