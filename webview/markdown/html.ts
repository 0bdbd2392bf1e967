import { Marked, type Token, type Tokens } from 'marked';
import { visible } from '../text/visible.ts';
import { linkTarget } from './link.ts';

/** A fenced or indented code block, found while markdown is made into HTML. */
export interface Fence {
  readonly info: string;
  readonly code: string;
  /** Whether its end has come. */
  readonly closed: boolean;
}

export interface MarkdownHtml {
  html: string;
  /** In their order; each has an empty `<pre data-fence="N">` in the HTML, from 0. */
  fences: Fence[];
}

/**
 * A block of markdown as HTML of a few harmless elements. What an agent has written is never taken as HTML; pictures are
 * links; a link is a name and an address that the page asks the host to open, never one that the browser would follow.
 * The result is cleaned once more before it is put into the page.
 */
export function markdownHtml(token: Token): MarkdownHtml {
  const fences: Fence[] = [];
  const marked = new Marked({
    gfm: true,
    renderer: {
      html: ({ text }) => escape(text),
      code(code) {
        fences.push(fenceOf(code));
        return `<pre data-fence="${String(fences.length - 1)}"></pre>`;
      },
      codespan: ({ text }) => `<code>${escape(visible(text))}</code>`,
      image: ({ href, text }) => link(href, escape(`picture: ${text === '' ? href : text}`)),
      link({ href, tokens }) {
        return link(href, this.parser.parseInline(tokens));
      },
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    },
  });
  try {
    return { html: marked.parser([token]), fences };
  } catch {
    // It nests too deep.
    return { html: `<p>${escape(token.raw)}</p>`, fences: [] };
  }
}

function fenceOf({ raw, lang, text, codeBlockStyle }: Tokens.Code): Fence {
  const opening = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  const closing = raw.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const closed =
    codeBlockStyle === 'indented' ||
    (opening !== undefined &&
      raw.includes('\n') &&
      closing.length >= opening.length &&
      isRow(closing, opening));
  return { info: lang ?? '', code: text, closed };
}

const isRow = (line: string, opening: string): boolean => line.replaceAll(opening.charAt(0), '') === '';

function link(href: string, inner: string): string {
  const target = linkTarget(href);
  const title = escape(visible(href));
  switch (target?.kind) {
    case 'web':
      return `<a role="link" tabindex="0" title="${title}" data-href="${escape(target.href)}">${inner}</a>`;
    case 'file': {
      const line = target.line === undefined ? '' : ` data-line="${String(target.line)}"`;
      return `<a role="link" tabindex="0" title="${title}" data-path="${escape(target.path)}"${line}>${inner}</a>`;
    }
    case undefined:
      return `${inner} <code>${title}</code>`;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML that shows it. */
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
