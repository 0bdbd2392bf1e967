import * as z from 'zod/mini';
import { modelUsageSchema } from './usage.ts';

/** The id of something that an agent says or does, unique within its run. */
const id = z.string().check(z.minLength(1), z.maxLength(256));

/** What answers a question: the user picks one or more of `options`, or writes something where `free`. */
const questionSchema = z.object({
  kind: z.literal('question'),
  id,
  text: z.string(),
  /** A word or two. */
  header: z.optional(z.string()),
  options: z.array(z.object({ label: z.string(), description: z.optional(z.string()) })),
  multiple: z.boolean(),
  free: z.boolean(),
});
export type Question = z.infer<typeof questionSchema>;

/** The id of the message that is the task's prompt. */
export const PROMPT_ID = 'prompt';

/**
 * What an agent says and does, in words that are no agent's own.
 *
 * Text, thinking and a tool's input come in parts (`delta`) that are added to what has the same `id`. A tool use is
 * `tool` (it begins), any number of `tool-input` (its input as it forms, JSON cut anywhere), `tool-call` (its whole
 * input, which replaces what has formed), any number of `tool-output`, `tool-result`.
 */
export const agentItemSchema = z.discriminatedUnion('kind', [
  /** The agent is up, or up again. */
  z.object({
    kind: z.literal('session'),
    /** The agent's name and version, for people. */
    agent: z.string(),
    model: z.optional(z.string()),
  }),
  z.object({ kind: z.literal('text'), id, delta: z.string() }),
  z.object({ kind: z.literal('thinking'), id, delta: z.string() }),
  z.object({ kind: z.literal('tool'), id, name: z.string() }),
  z.object({ kind: z.literal('tool-input'), id, delta: z.string() }),
  z.object({ kind: z.literal('tool-call'), id, name: z.string(), title: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('tool-output'), id, delta: z.string() }),
  z.object({
    kind: z.literal('tool-result'),
    id,
    outcome: z.enum(['done', 'failed', 'refused', 'interrupted']),
    /** What came of it, cut where it is long. */
    text: z.string(),
  }),
  /** The whole list, as it stands now. */
  z.object({
    kind: z.literal('todos'),
    items: z.array(z.object({ text: z.string(), state: z.enum(['pending', 'active', 'done']) })),
  }),
  questionSchema,
  /** A question was answered, or needs no answer any more (`text` is absent). */
  z.object({ kind: z.literal('answer'), id, text: z.optional(z.string()) }),
  /**
   * A message of the user's has been taken: it steers the agent now, or waits for the end of its turn. The first one, with
   * {@link PROMPT_ID}, is the task's prompt.
   */
  z.object({ kind: z.literal('message'), id, text: z.string(), when: z.enum(['now', 'next']) }),
  /** The model did not answer, and is asked again. */
  z.object({ kind: z.literal('retry'), attempt: z.int(), delayMs: z.number(), reason: z.string() }),
  /** What the model took so far in this run, in all. */
  z.object({ kind: z.literal('usage'), usage: modelUsageSchema }),
]);
export type AgentItem = z.infer<typeof agentItemSchema>;

const KNOWN_KINDS: ReadonlySet<unknown> = new Set<AgentItem['kind']>([
  'session',
  'text',
  'thinking',
  'tool',
  'tool-input',
  'tool-call',
  'tool-output',
  'tool-result',
  'todos',
  'question',
  'answer',
  'message',
  'retry',
  'usage',
]);

/** Whether an item is of a kind that this side knows. */
export const isKnownItem = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'kind' in item && KNOWN_KINDS.has(item.kind);
