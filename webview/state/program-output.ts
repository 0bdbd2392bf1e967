/** Characters of a program's output that the page holds; what came before is left out, and said to be. */
export const KEPT_CHARS = 200_000;

/** The end of what a program has written. */
export interface ProgramOutput {
  readonly text: string;
  /** Characters that are left out before `text`. */
  readonly left: number;
}

export const NO_OUTPUT: ProgramOutput = { text: '', left: 0 };

/** With a further part of output: text, or bytes that are not UTF-8. */
export function withOutput(
  output: ProgramOutput,
  part: { text?: string | undefined; base64?: string | undefined },
): ProgramOutput {
  const text = output.text + (part.text ?? decoded(part.base64 ?? ''));
  // Cut rarely, so that a flood is not copied with each of its parts.
  if (text.length <= 2 * KEPT_CHARS) return { ...output, text };
  const cut = text.length - KEPT_CHARS;
  return { text: text.slice(cut), left: output.left + cut };
}

function decoded(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return '\ufffd';
  }
}
