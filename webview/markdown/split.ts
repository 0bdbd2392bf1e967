import { lexer, type Token } from 'marked';

/** A piece of markdown that stands by itself: a paragraph, a list, a fence. */
export interface MarkdownBlock {
  readonly token: Token;
}

/** Markdown in pieces. As text is added, those that can no longer change stay the same objects. */
export interface SplitMarkdown {
  /** What it was made of. */
  readonly source: string;
  readonly blocks: readonly MarkdownBlock[];
  /** Characters, and blocks, that no further text changes. */
  readonly settledChars: number;
  readonly settledBlocks: number;
}

export const NO_MARKDOWN: SplitMarkdown = { source: '', blocks: [], settledChars: 0, settledBlocks: 0 };

/** Splits a text whose beginning was split before: only what comes after the settled part is read again. */
export function splitMarkdown(text: string, before: SplitMarkdown = NO_MARKDOWN): SplitMarkdown {
  // As marked counts.
  const source = text.includes('\r') ? text.replace(/\r\n|\r/g, '\n') : text;
  const isGrown = source.startsWith(before.source);
  const from = isGrown ? before.settledChars : 0;
  const settled = isGrown ? before.blocks.slice(0, before.settledBlocks) : [];
  const tokens = read(source.slice(from));
  // Further text can change the last block, and none before it.
  const last = tokens.findLastIndex(({ type }) => type !== 'space');
  const sure = tokens.slice(0, Math.max(0, last));
  const blocks = [...settled, ...tokens.filter(({ type }) => type !== 'space').map((token) => ({ token }))];
  return {
    source,
    blocks,
    settledChars: from + sure.reduce((chars, { raw }) => chars + raw.length, 0),
    settledBlocks: last < 0 ? settled.length : blocks.length - 1,
  };
}

/** What nests too deep to be read is shown as it was written. */
function read(source: string): Token[] {
  try {
    return lexer(source, { gfm: true });
  } catch {
    return [{ type: 'text', raw: source, text: source }];
  }
}
