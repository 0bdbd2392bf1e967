/** Text of one look. `look` names classes of style; empty for plain text. */
export interface Segment {
  text: string;
  look: string;
}

interface Look {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  foreground: number | undefined;
}

const PLAIN: Look = { bold: false, dim: false, italic: false, underline: false, foreground: undefined };

// Colours and weights (SGR) are taken; every other sequence and control is left out: OSC, DCS and the like to their end.
const SEQUENCE =
  // eslint-disable-next-line no-control-regex
  /\x1b\[([\d;:]*)m|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** What a terminal would show of a program's output: text in looks, and nothing that acts. */
export function ansiSegments(output: string): Segment[] {
  const text = settleLines(output);
  const segments: Segment[] = [];
  let look = PLAIN;
  let from = 0;
  const take = (part: string) => {
    if (part === '') return;
    const name = nameOf(look);
    const last = segments.at(-1);
    if (last?.look === name) last.text += part;
    else segments.push({ text: part, look: name });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    take(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) look = changed(look, match[1]);
  }
  take(text.slice(from));
  return segments;
}

/** A carriage return begins the line anew, as progress bars do: what it wrote over is gone. */
const settleLines = (output: string): string =>
  output.includes('\r') ? output.replace(/\r+\n/g, '\n').replace(/^[^\n]*\r(?=[^\n])/gm, '') : output;

const FOREGROUND: readonly [number, number, number][] = [
  [30, 37, -30],
  [90, 97, -82],
];

function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = look;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 3) next = { ...next, italic: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next = { ...next, italic: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code === 39) next = { ...next, foreground: undefined };
    else if (code === 38 || code === 48) {
      const isIndexed = codes[i + 1] === 5;
      const color = codes[i + 2];
      // The sixteen that themes name; a colour of its own could not be read in every theme.
      if (isIndexed && code === 38)
        next = { ...next, foreground: color !== undefined && color < 16 ? color : undefined };
      i += isIndexed ? 2 : 4;
    } else {
      const range = FOREGROUND.find(([first, last]) => code >= first && code <= last);
      if (range !== undefined) next = { ...next, foreground: code + range[2] };
    }
  }
  return next;
}

const nameOf = ({ bold, dim, italic, underline, foreground }: Look): string =>
  [
    bold && 'ansi-bold',
    dim && 'ansi-dim',
    italic && 'ansi-italic',
    underline && 'ansi-underline',
    foreground !== undefined && `ansi-${String(foreground)}`,
  ]
    .filter((name) => name !== false)
    .join(' ');
