/** What would command a terminal, break the line, or show text elsewhere than where it stands. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const NAMED = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Text from anywhere, on one line and out of the terminal's hands. */
export const oneLine = (text: string): string =>
  text.replace(
    UNSEEN,
    (character) => NAMED.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/** What would command a terminal or overwrite what stands there, apart from line ends and tabs. */
const COMMANDING = /(?![\n\t])\p{Cc}/gu;

/** Text from anywhere, on as many lines as it has and out of the terminal's hands. It may be cut anywhere. */
export const severalLines = (text: string): string =>
  text.replace(COMMANDING, (character) =>
    character === '\r' ? '' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/** Says something of our own: one line on standard error. */
export const say = (text: string): void => {
  process.stderr.write(`offload: ${oneLine(text)}\n`);
};
