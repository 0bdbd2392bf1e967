import assert from 'node:assert/strict';
import { programOf, type SelectedText } from '../../../src/editor/program/selections.ts';

const at = (line: number, text: string, leading = ''): SelectedText => ({ line, text, leading });

describe('the program of a selection', () => {
  it('keeps the line numbers of the file', () => {
    assert.equal(programOf([at(3, 'a = 1\nb = 2')]), '\n\n\na = 1\nb = 2');
  });

  it('loses the indentation that its lines share, also where the selection began after it', () => {
    assert.equal(programOf([at(1, '    if x:\n        y()')]), '\nif x:\n    y()');
    assert.equal(programOf([at(1, 'if x:\n        y()', '    ')]), '\nif x:\n    y()');
  });

  it('is the selections of all cursors in the order of the file, each on its own lines', () => {
    assert.equal(
      programOf([at(5, 'last()'), at(1, 'first()\n'), at(3, 'third()')]),
      '\nfirst()\n\nthird()\n\nlast()',
    );
  });

  it('restores the indentation of later selections too', () => {
    assert.equal(programOf([at(0, 'a()', '  '), at(2, 'b()', '  ')]), 'a()\n\nb()');
  });

  it('moves the second selection of a line to the next', () => {
    assert.equal(programOf([at(0, 'a()'), at(0, 'b()', 'a(); ')]), 'a()\nb()');
  });

  it('has line feeds alone, whatever the file has', () => {
    assert.equal(programOf([at(0, 'a()\r\nb()')]), 'a()\nb()');
  });

  it('is empty where nothing but space is selected', () => {
    assert.equal(programOf([at(4, ''), at(9, '  \n\t')]), '');
  });
});
