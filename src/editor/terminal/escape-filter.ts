/** Characters of a link's address at most; a longer one is taken out. */
const MAX_ADDRESS = 2048;
/** Characters of a control string (DCS, APC …) that are swallowed before it counts as text without an end. */
const MAX_STRING = 1024 * 1024;
/** Characters of a CSI sequence at most. */
const MAX_CSI = 128;

/** Every control character but tab, line feed and carriage return: C0, DEL, C1. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
/** What ends a control string: BEL, CAN, SUB, ESC (of ESC \), ST. */
// eslint-disable-next-line no-control-regex
const STRING_END = /[\x07\x18\x1a\x1b\x9c]/g;
/** A line's end ends an OSC string too: one without a terminator hides the rest of its line, no more. */
// eslint-disable-next-line no-control-regex
const OSC_END = /[\x07\n\r\x18\x1a\x1b\x9c]/g;

const ESC = '\x1b';
const LINK_END = `${ESC}]8;;${ESC}\\`;

/** CSI sequences that draw: colours, erasing, moving the cursor, inserting and deleting. */
const DRAWING = /^[0-9;:]*[@A-HJ-MPSTXa`defmsu]$/;
/** The cursor shown or hidden, line wrapping on or off. */
const DRAWING_MODE = /^\?(?:25|7)[hl]$/;

type State = 'text' | 'escape' | 'charset' | 'csi' | 'osc' | 'string';

/**
 * Lets through what a program may do to a terminal that shows its output: text, colours, moving about in it. All else
 * is taken out: clipboard access, window titles, queries that the terminal would answer into the program, shell
 * integration marks, other screens, and links to anything but the web. Sequences may be cut anywhere between calls;
 * each stream has a filter of its own.
 */
export class EscapeFilter {
  #state: State = 'text';
  /** The open sequence's characters as far as they matter. */
  #held = '';
  /** How long the open sequence is. */
  #length = 0;

  push(text: string): string {
    let out = '';
    for (let at = 0; at < text.length;) {
      const [shown, next] = this.#step(text, at);
      out += shown;
      at = next;
    }
    return out;
  }

  /** What to show for the characters from `at` on, and where to go on. */
  #step(text: string, at: number): [string, number] {
    switch (this.#state) {
      case 'text':
        return this.#text(text, at);
      case 'escape':
        return this.#escape(text[at] ?? '', at);
      case 'charset':
        return this.#charset(text[at] ?? '', at);
      case 'csi':
        return this.#csi(text[at] ?? '', at);
      case 'osc':
        return this.#string(text, at, OSC_END, MAX_ADDRESS * 2);
      case 'string':
        return this.#string(text, at, STRING_END, MAX_STRING);
    }
  }

  #text(text: string, at: number): [string, number] {
    const end = nextMatch(CONTROL, text, at);
    const plain = text.slice(at, end);
    if (end === text.length) return [plain, end];
    if (text[end] === ESC) this.#enter('escape');
    return [text[end] === '\b' ? `${plain}\b` : plain, end + 1];
  }

  #escape(char: string, at: number): [string, number] {
    const opened = (
      { '[': 'csi', ']': 'osc', P: 'string', X: 'string', '^': 'string', _: 'string' } as const
    )[char];
    if (char === ESC) return ['', at + 1];
    this.#enter(opened ?? (char >= ' ' && char <= '/' ? 'charset' : 'text'));
    if (this.#state !== 'text') return ['', at + 1];
    // Saving and restoring the cursor is drawing; a character that no sequence has begins the text again.
    if (char === '7' || char === '8') return [ESC + char, at + 1];
    return ['', char >= '0' && char <= '~' ? at + 1 : at];
  }

  #charset(char: string, at: number): [string, number] {
    if (char >= ' ' && char <= '/') return ['', at + 1];
    this.#enter('text');
    return ['', char >= '0' && char <= '~' ? at + 1 : at];
  }

  #csi(char: string, at: number): [string, number] {
    if (char < ' ' || char > '~') {
      this.#enter('text');
      return ['', at];
    }
    if (++this.#length <= MAX_CSI) this.#held += char;
    if (char < '@') return ['', at + 1];
    const sequence = this.#length <= MAX_CSI ? this.#held : '';
    this.#enter('text');
    const drawing = DRAWING.test(sequence) || DRAWING_MODE.test(sequence);
    return [drawing ? `${ESC}[${sequence}` : '', at + 1];
  }

  #string(text: string, at: number, terminator: RegExp, max: number): [string, number] {
    const end = nextMatch(terminator, text, at);
    const isLink = this.#state === 'osc';
    if (isLink) this.#held = (this.#held + text.slice(at, end)).slice(0, max + 1);
    this.#length += end - at;
    if (this.#length > max && !isLink) {
      this.#enter('text');
      return ['', end];
    }
    if (end === text.length) return ['', end];
    const payload = this.#held;
    const last = text[end] ?? '';
    this.#enter(last === ESC ? 'escape' : 'text');
    const isLine = last === '\n' || last === '\r';
    return [isLink ? link(payload) : '', isLine ? end : end + 1];
  }

  #enter(state: State): void {
    this.#state = state;
    this.#held = '';
    this.#length = 0;
  }
}

/** OSC 8 with an address on the web stays; any other closes the link that may be open; other OSCs are nothing. */
function link(payload: string): string {
  const address = /^8;[^;]*;(.*)$/.exec(payload)?.[1];
  if (address === undefined) return '';
  const isWeb =
    address.length <= MAX_ADDRESS && /^https?:\/\/[!-~]+$/i.test(address) && URL.canParse(address);
  return isWeb ? `${ESC}]8;;${address}${ESC}\\` : LINK_END;
}

function nextMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
