import { selectionProgram } from '../../core/program/selection.ts';

/** One selected range of a document. */
export interface SelectedText {
  text: string;
  /** The line on which it begins, counted from 0. */
  line: number;
  /** What stands before it on that line. */
  leading: string;
}

/**
 * The program that the selections of several cursors make: joined in the order of the document, each on its own
 * lines, so that stack traces name them. The second of two on one line moves to the next free line.
 */
export function programOf(selections: readonly SelectedText[]): string {
  const filled = selections.filter(({ text }) => text.trim() !== '').sort((a, b) => a.line - b.line);
  const [first] = filled;
  if (first === undefined) return '';
  let text = '';
  let line = first.line;
  for (const selection of filled) {
    const apart = Math.max(selection.line - line, text === '' || text.endsWith('\n') ? 0 : 1);
    // The first one's indentation is restored with that of the whole.
    const blank = selection !== first && /^[ \t]*$/.test(selection.leading);
    const piece =
      '\n'.repeat(apart) + (blank ? selection.leading : '') + selection.text.replaceAll('\r\n', '\n');
    text += piece;
    line += piece.split('\n').length - 1;
  }
  return selectionProgram(text, first.line, first.leading);
}
