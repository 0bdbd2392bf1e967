const NAMED = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

/**
 * What a person would not see, or would see elsewhere than where it is: control, format (bidirectional overrides
 * among them), unassigned and private characters, half surrogates, line separators, spaces other than the plain one,
 * characters without a shape (the Hangul fillers, the blank braille pattern); a plain space where it is easily missed.
 */
const UNSEEN =
  /[\\\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=^|\/) | (?=$|\/)| (?= )/gu;

/**
 * A path as it may be shown to people: one line, everything invisible, misplacing or commanding (terminal escapes)
 * written as an escape such as `\n` or `\u{202e}`. A backslash is doubled, so that no file name can pass for an
 * escape. Says nothing about markup: Markdown and HTML are escaped by whoever renders them.
 */
export function displayPath(path: string): string {
  return path.replace(
    UNSEEN,
    (character) => NAMED.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
