import * as z from 'zod/mini';
import { sessionIdSchema } from '../src/protocol/chat.ts';

const keptSchema = z.object({
  session: z.optional(sessionIdSchema),
  draft: z.string(),
  /** Pixels from the top; absent at the end, where new things come. */
  scroll: z.optional(z.number()),
});

/** What of a page outlives it: what is shown, what is typed, where it is scrolled to. All else comes from the host again. */
export type Kept = z.infer<typeof keptSchema>;

/** What was kept, or nothing where it cannot be read. */
export function readKept(value: unknown): Kept {
  const kept = keptSchema.safeParse(value);
  return kept.success ? kept.data : { draft: '' };
}
