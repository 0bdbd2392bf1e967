import * as z from 'zod/mini';
import { sessionIdSchema } from '../src/protocol/chat.ts';

/** Characters of what is typed that are kept: no more of it can be sent. */
const MAX_DRAFT = 1024 * 1024;

const keptSchema = z.object({
  session: z.optional(sessionIdSchema),
  draft: z.string(),
  /** Pixels from the top; absent at the end, where new things come. */
  scroll: z.optional(z.number()),
});

/** What of a page outlives it: what is shown, what is typed, where it is scrolled to. All else comes from the host again. */
export type Kept = z.infer<typeof keptSchema>;

/** What is to be kept, as far as the editor should have to hold it. */
export const bounded = ({ draft, ...others }: Kept): Kept => ({
  ...others,
  draft: draft.slice(0, MAX_DRAFT),
});

/** What was kept, or nothing where it cannot be read. */
export function readKept(value: unknown): Kept {
  const kept = keptSchema.safeParse(value);
  return kept.success ? kept.data : { draft: '' };
}
