import * as z from 'zod/mini';
import { runIdSchema } from '../id.ts';
import { workspacePathSchema } from '../path.ts';

/** The name of a conversation in the chat: a chain of tasks that go on from each other. */
export const sessionIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not the id of a session'));

/** A line of the list of sessions. */
export const sessionSummarySchema = z.object({
  id: sessionIdSchema,
  title: z.string(),
  /** Milliseconds since 1970. */
  updatedAt: z.number(),
  /** Whether something of it goes on, so far as this window knows. */
  active: z.boolean(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

/** What a task may take, as it is picked. Absent means bounded by the settings alone. */
export const budgetChoiceSchema = z.strictObject({
  usd: z.optional(z.number().check(z.positive(), z.maximum(10_000))),
  turns: z.optional(z.int().check(z.positive(), z.maximum(10_000))),
  minutes: z.optional(z.number().check(z.positive(), z.maximum(24 * 60))),
});
export type BudgetChoice = z.infer<typeof budgetChoiceSchema>;

/** Who works on a prompt, with what, and where. */
export const chosenSchema = z.strictObject({
  agent: z.string().check(z.maxLength(64)),
  /** The agent's own choice where absent. */
  model: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  budget: budgetChoiceSchema,
  target: z.string().check(z.maxLength(128)),
});
export type Chosen = z.infer<typeof chosenSchema>;

/** A text for an agent. How long it may be is for whoever sends it to say. */
export const promptSchema = z.string().check(z.refine((text) => text.trim() !== '', 'is empty'));

/** Where a code block stands that was run: which block of which run, and which fence in it, from 0. */
export const placeSchema = z.strictObject({
  runId: runIdSchema,
  block: z.string().check(z.minLength(1), z.maxLength(256)),
  fence: z.int().check(z.minimum(0), z.maximum(100_000)),
});
export type Place = z.infer<typeof placeSchema>;

/** What a program of a run has written (`check`, a file's path, `''` for a run that is no task), or a tool use of its agent. */
export const writtenPartSchema = z.union([
  z.strictObject({ program: z.string().check(z.maxLength(4096)) }),
  z.strictObject({ tool: z.string().check(z.maxLength(256)) }),
]);
export type WrittenPart = z.infer<typeof writtenPartSchema>;

/** A run of a session: a task, or a code block of what an agent has said. */
export const sessionRunSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('task'),
    runId: runIdSchema,
    prompt: z.string(),
    chosen: chosenSchema,
    createdAt: z.number(),
    /** Why nothing can be gone on with once it has ended, where that is so: what is said then is a new session. */
    final: z.optional(z.string()),
    /** About what an hour of it costs where it is, in US dollars, where that is known. */
    hourUsd: z.optional(z.number()),
  }),
  z.object({
    kind: z.literal('code'),
    runId: runIdSchema,
    language: z.string(),
    place: placeSchema,
    createdAt: z.number(),
  }),
]);
export type SessionRun = z.infer<typeof sessionRunSchema>;

/** A changed file of a run as the review knows it. */
export const reviewedFileSchema = z.object({
  path: workspacePathSchema,
  operation: z.enum(['create', 'modify', 'delete']),
  /** Why it is asked for by itself. */
  guarded: z.optional(z.string()),
  /** `decided` where nobody remembers how. */
  decision: z.enum(['open', 'accepted', 'discarded', 'decided']),
});
export type ReviewedFile = z.infer<typeof reviewedFileSchema>;
