import * as z from 'zod/mini';
import { inputRequestSchema } from '../../../src/protocol/task.ts';
import { usageSchema } from '../../../src/protocol/usage.ts';

const count = z.number().check(z.minimum(0));
const sumSchema = z.object({ nano: count, tokens: count });

/** What was taken of a budget; see `Entries` of the relay. */
export const entriesSchema = z.object({
  spent: sumSchema,
  kept: sumSchema,
  requests: count,
  sums: z.object({
    input: count,
    output: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
  }),
  pricedNano: count,
  unpriced: z.boolean(),
});

/** What of a task is to be done yet. */
const stageSchema = z.enum(['agent', 'check', 'execute']);
export type Stage = z.infer<typeof stageSchema>;

/**
 * How a task stands that goes on elsewhere, besides its files. It comes from where code of anybody's has run: nothing in it
 * is trusted further than that task may go by itself. Its budget is held by control, its time by control's clock.
 */
export const checkpointStateSchema = z.object({
  format: z.literal(1),
  stage: stageSchema,
  /** The agent's own name of the conversation; absent where there is none yet, and it begins with the prompt. */
  conversation: z.optional(z.string()),
  /** Messages for the agent's next turns, which were told already. */
  next: z.array(z.string()),
  /** What came and was given to nobody yet. */
  early: z.array(inputRequestSchema.shape.input),
  /** Entries of the run's inbox that were taken. */
  inbox: z.int().check(z.minimum(0)),
  /** Answers of the agent so far. */
  turns: z.int().check(z.minimum(0)),
  /** Programs that were run, by path: not to be run again. */
  executed: z.optional(z.array(z.string())),
  /** Whether the check has passed, where it was run. */
  verified: z.optional(z.boolean()),
  usage: usageSchema,
  ledger: z.optional(entriesSchema),
});
export type CheckpointState = z.infer<typeof checkpointStateSchema>;

/** What is to be done first of a task that was left: an agent that was done has work again where messages wait for it. */
export function stageLeft({ stage, next, early }: Pick<CheckpointState, 'stage' | 'next' | 'early'>): Stage {
  const waits = next.length > 0 || early.some(({ type }) => type === 'message');
  return waits ? 'agent' : stage;
}
