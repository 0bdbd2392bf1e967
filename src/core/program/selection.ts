/**
 * The program that a selection makes: the indentation that all its lines share is taken away, and empty lines stand
 * where the lines before it stood, so that each line keeps its number from the file and a stack trace names the real
 * one.
 * @param startLine the line of the file on which the selection begins, counted from 0
 * @param startColumn where on that line it begins, in characters; what stands before counts as indentation if blank
 */
export function selectionProgram(text: string, startLine: number, leading = ''): string {
  // A selection that begins after the indentation of its first line lacks it there alone.
  const whole = /^[ \t]*$/.test(leading) ? leading + text : text;
  return '\n'.repeat(startLine) + dedent(whole);
}

function dedent(text: string): string {
  const lines = text.split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  const shared = indents.reduce<string | undefined>(
    (common, indent) => (common === undefined ? indent : commonPrefix(common, indent)),
    undefined,
  );
  if (shared === undefined || shared === '') return text;
  return lines
    .map((line) => (line.startsWith(shared) ? line.slice(shared.length) : line.trimStart()))
    .join('\n');
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
