import DOMPurify from 'dompurify';

const ALLOWED_TAGS = [
  ...[
    'a',
    'blockquote',
    'br',
    'code',
    'del',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'li',
    'ol',
    'p',
    'pre',
  ],
  ...['span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
];
/** None that loads, runs or leads anywhere: the page's own handlers read the `data-` ones. */
const ALLOWED_ATTR = [
  ...['align', 'class', 'role', 'start', 'tabindex', 'title'],
  ...['data-fence', 'data-href', 'data-line', 'data-path'],
];

/** HTML as elements for the page: a second fence behind what made it. */
export const sanitized = (html: string): DocumentFragment =>
  DOMPurify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
