/**
 * Characters that reorder, hide or pretend: controls but line feed and tab, bidirectional, zero-width and tag characters,
 * private and unassigned ones, fillers, line separators. A reader would not see them, and might approve something else
 * than is there. Those that only make an emoji what it is may stay.
 */
const UNSEEN =
  /(?![\n\t])(?!(?<=\p{Extended_Pictographic})\ufe0f)(?!(?<=[\p{Extended_Pictographic}\ufe0f])\u200d(?=\p{Extended_Pictographic}))[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Text from outside in which every character is to be seen: those that are not are named, as `⟨U+202E⟩`. */
export const visible = (text: string): string =>
  text.replace(
    UNSEEN,
    (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
