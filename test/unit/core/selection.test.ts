import assert from 'node:assert/strict';
import { selectionProgram } from '../../../src/core/program/selection.ts';

describe('the program of a selection', () => {
  for (const [name, text, expected] of [
    ['at the margin stays as it is', 'if a:\n  b()\n', 'if a:\n  b()\n'],
    ['loses the indentation that all lines share', '    if a:\n      b()\n    c()', 'if a:\n  b()\nc()'],
    ['loses tabs that all lines share', '\t\ta()\n\t\t\tb()', 'a()\n\tb()'],
    ['keeps tabs and spaces that only look alike', '\ta()\n        b()', '\ta()\n        b()'],
    ['loses what tabs and spaces share at the front', '  \ta()\n    b()', '\ta()\n  b()'],
    ['may have empty lines and blank ones', '  a()\n\n \n  b()\n', 'a()\n\n\nb()\n'],
    ['keeps its line ends', '  a()\r\n  b()\r\n', 'a()\r\nb()\r\n'],
    ['may be one line', '    return 1', 'return 1'],
    ['keeps blank lines at its front', '\n\n  a()', '\n\na()'],
    ['of blanks stays blank', '   \n\t', '   \n\t'],
    ['of nothing is nothing', '', ''],
  ] as const) {
    it(name, () => {
      assert.equal(selectionProgram(text, 0), expected);
    });
  }

  it('that begins after its first indentation loses that of the other lines too', () => {
    assert.equal(selectionProgram('a()\n    b()', 0, '    '), 'a()\nb()');
    assert.equal(selectionProgram('a()\n\tb()', 0, '\t'), 'a()\nb()');
  });

  it('that begins in the middle of a line keeps what stands in the others', () => {
    assert.equal(selectionProgram('f(1)\n    g()', 0, '    x = '), 'f(1)\n    g()');
  });

  it('has each line where the file has it', () => {
    for (const start of [0, 1, 39]) {
      const lines = selectionProgram('  a\n  b', start).split('\n');
      assert.deepEqual([lines.length, lines[start], lines[start + 1]], [start + 2, 'a', 'b']);
      assert(lines.slice(0, start).every((line) => line === ''));
    }
  });
});
