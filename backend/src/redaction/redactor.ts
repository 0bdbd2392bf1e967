import { KEY_PATTERNS, type KeyPattern } from './key-patterns.ts';
import { secretForms } from './secret-forms.ts';

/** What stands in the place of a secret. */
const REDACTED = '[redacted]';

/** A text that is redacted piece by piece. */
export interface RedactingStream {
  /** Takes a piece and gives what may be shown: all but an end that could be the beginning of a secret. */
  push(piece: string): string;
  /** Gives what is still held back. */
  end(): string;
}

/**
 * Replaces secrets in text: those that it is given, in any of their {@link secretForms}, and whatever looks like a key of
 * a well-known kind ({@link KEY_PATTERNS}), as a word of its own.
 */
export class Redactor {
  readonly #forms: readonly string[];
  readonly #found: RegExp;

  constructor(secrets: readonly string[]) {
    this.#forms = [...new Set(secrets.flatMap(secretForms))].sort((a, b) => b.length - a.length);
    const known = this.#forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    this.#found = new RegExp([...known, ...KEY_PATTERNS.map(patternSource)].join('|'), 'g');
  }

  /** A whole text. */
  redact(text: string): string {
    return text.replace(this.#found, REDACTED);
  }

  stream(): RedactingStream {
    return new Stream(this.#forms, this.#found);
  }
}

const patternSource = ({ prefix, characters, min, exact }: KeyPattern): string =>
  `(?<![A-Za-z0-9_])${prefix}[${characters}]{${String(min)}${exact ? '}(?![A-Za-z0-9_])' : ',}'}`;

/** The beginning of a key, up to the end of the text. */
const BEGUN = new RegExp(
  `(?<![A-Za-z0-9_])(?:${KEY_PATTERNS.map(({ prefix, characters, min }) => {
    const parts = Array.from(prefix, (_, at) => prefix.slice(0, at + 1));
    return `${parts.slice(0, -1).join('|')}|${prefix}[${characters}]{0,${String(min)}}`;
  }).join('|')})$`,
);
/** Characters of a key's beginning at most, and one before it for the border of the word. */
const LONGEST_BEGINNING = Math.max(...KEY_PATTERNS.map(({ prefix, min }) => prefix.length + min)) + 1;

class Stream implements RedactingStream {
  readonly #forms: readonly string[];
  readonly #found: RegExp;
  /** Held back. */
  #held = '';
  /** The last character that was given away: a word may have begun before what is held. */
  #before = '';
  /** Inside a key of no known length, of which no more is shown: what it goes on with. */
  #inside: RegExp | undefined;

  constructor(forms: readonly string[], found: RegExp) {
    this.#forms = forms;
    this.#found = found;
  }

  push(piece: string): string {
    const text = this.#before + this.#afterKey(this.#held + piece);
    const from = this.#before.length;
    let shown = '';
    let at = from;
    this.#found.lastIndex = from;
    for (let match = this.#found.exec(text); match !== null; match = this.#found.exec(text)) {
      const end = match.index + match[0].length;
      // It may be the beginning of a longer one, or go on to be none.
      if (this.#beginningOfForm(text, at) <= match.index) break;
      if (end === text.length && !this.#forms.includes(match[0])) {
        const pattern = patternOf(match[0]);
        if (pattern?.exact) break;
        this.#inside = pattern && new RegExp(`^[${pattern.characters}]+`);
      }
      shown += text.slice(at, match.index) + REDACTED;
      at = end;
    }
    const held = this.#inside === undefined ? this.#beginningOfSecret(text, at) : text.length;
    shown += text.slice(at, held);
    this.#held = text.slice(held);
    this.#before = text.slice(0, held).slice(-1);
    return shown;
  }

  end(): string {
    const before = this.#before;
    // What could have been the beginning of a longer one may be a whole shorter one.
    const shown = (before + this.#held).replace(this.#found, REDACTED).slice(before.length);
    this.#held = '';
    this.#before = '';
    this.#inside = undefined;
    return shown;
  }

  #afterKey(text: string): string {
    if (this.#inside === undefined) return text;
    const rest = text.replace(this.#inside, '');
    if (rest !== '') this.#inside = undefined;
    return rest;
  }

  /** Where the end of the text begins that could be the beginning of a secret; the text's length where none could. */
  #beginningOfSecret(text: string, from: number): number {
    const start = this.#beginningOfForm(text, from);
    const tail = Math.max(0, Math.min(text.length - LONGEST_BEGINNING, start));
    const begun = BEGUN.exec(text.slice(tail));
    return begun === null ? start : Math.max(from, Math.min(start, tail + begun.index));
  }

  /** The same, of the secrets that are known. */
  #beginningOfForm(text: string, from: number): number {
    let start = text.length;
    for (const form of this.#forms) {
      const earliest = Math.max(from, text.length - form.length + 1);
      for (let at = text.indexOf(form.charAt(0), earliest); at !== -1 && at < start;) {
        if (form.startsWith(text.slice(at))) start = at;
        at = text.indexOf(form.charAt(0), at + 1);
      }
    }
    return start;
  }
}

const patternOf = (key: string): KeyPattern | undefined =>
  KEY_PATTERNS.find(({ prefix }) => key.startsWith(prefix));
