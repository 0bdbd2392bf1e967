/** Characters of a text that are told, where nothing else is said. */
const MAX_TEXT = 16 * 1024;

/** How deep an input is looked into. */
const MAX_DEPTH = 8;

/** The beginning and the end of a text that is longer than `most` characters, and how much is left out between them. */
export function cutText(text: string, most = MAX_TEXT): string {
  if (text.length <= most) return text;
  const half = most / 2;
  const left = String(text.length - 2 * half);
  return `${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(-half)}`;
}

/** The same value with long texts cut wherever they are in it: a file of megabytes need not be told twice. */
export function cutInput(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cutText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((each) => cutInput(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cutInput(each, depth + 1)]));
}
