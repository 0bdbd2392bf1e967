import * as z from 'zod/mini';
import { cutText } from '../cut.ts';
import type { ToolUpdate } from './messages.ts';

/** Characters of a tool's result at most. */
const MAX_RESULT = 32 * 1024;

const rawSchema = z.union([
  z.string(),
  z.pipe(
    z.object({ error: z.string() }),
    z.transform(({ error }) => error),
  ),
  z.pipe(
    z.object({ output: z.string() }),
    z.transform(({ output }) => output),
  ),
]);

/** What a tool has to show so far, as text; undefined where it says nothing of that. */
export function shownText({ content }: ToolUpdate): string | undefined {
  return content?.map((part) => part.content?.text ?? `(${part.path ?? part.type})`).join('\n');
}

/** What came of a tool, cut where it is long. */
export const resultText = (update: ToolUpdate, shown: string): string =>
  cutText(shownText(update) ?? rawSchema.safeParse(update.rawOutput).data ?? shown, MAX_RESULT);
