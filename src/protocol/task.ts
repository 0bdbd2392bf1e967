import * as z from 'zod/mini';
import { accessSchema } from './access.ts';
import { hashSchema } from './content.ts';
import { credentialsSchema } from './credentials.ts';
import { runIdSchema } from './id.ts';
import { limitsSchema } from './limits.ts';
import { networkSchema } from './network.ts';

/** Bytes of a prompt, of instructions and of a message, in UTF-8, at most. */
export const MAX_PROMPT_BYTES = 1024 * 1024;

const longText = z
  .string()
  .check(
    z.refine((text) => new TextEncoder().encode(text).length <= MAX_PROMPT_BYTES, 'is larger than 1 MB'),
  );
const prompt = longText.check(z.refine((text) => text.trim() !== '', 'is empty'));

/** What a task may use of models at most. What is not named is bounded by the run's limits alone. */
export const budgetSchema = z.strictObject({
  /** US dollars. For a model whose price is not known, `tokens` counts. */
  usd: z.optional(z.number().check(z.positive(), z.maximum(10_000))),
  /** Tokens of all kinds together. */
  tokens: z.optional(z.int().check(z.positive())),
  /** Answers of the agent. */
  turns: z.optional(z.int().check(z.positive(), z.maximum(10_000))),
});
export type Budget = z.infer<typeof budgetSchema>;

/** A server of tools (Model Context Protocol) that runs in the box beside the agent. */
const toolServerSchema = z.strictObject({
  command: z.string().check(z.minLength(1)),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
});

/**
 * `task`: an agent works on a prompt. Sending the same id again attaches to the run.
 *
 * The workspace is a snapshot, whose blobs are there (`missing`, `put`) before the task is sent. With `resume` the
 * conversation and the files of an earlier task go on: what the user has changed since, by the new snapshot, is brought
 * into them, and changes come back against the new snapshot.
 */
export const taskRequestSchema = z.strictObject({
  kind: z.literal('task'),
  version: z.int().check(z.minimum(1)),
  runId: runIdSchema,
  /** A name for people, shown in lists of runs. */
  title: z.string().check(z.maxLength(200)),
  prompt,
  agent: z.strictObject({
    /** The id of an adapter: one of the capabilities' `agents`. */
    id: z.string().check(z.maxLength(64)),
    /** The host's program, an absolute path, and its arguments: for targets that have `hostInterpreters`. */
    program: z.optional(z.string()),
    args: z.optional(z.array(z.string())),
  }),
  /** The model's name as the provider knows it; the agent's own choice where absent. */
  model: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  /** Absent where the backend has access of its own. */
  access: z.optional(accessSchema),
  /** What the agent's commands, the check and the programs have of AWS; they need a network that leads there. */
  credentials: z.optional(credentialsSchema),
  /** What the agent is told besides the prompt. */
  instructions: z.optional(longText),
  snapshot: z.optional(hashSchema),
  budget: budgetSchema,
  limits: limitsSchema,
  /** Besides the model, which the agent reaches in any case, by the relay alone. */
  network: networkSchema,
  toolServers: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)), toolServerSchema)),
  /** A command for bash that tells by its exit code whether the work is good. Run by the backend when the agent has ended. */
  check: z.optional(z.string().check(z.minLength(1), z.maxLength(64 * 1024))),
  /** Whether the programs that the agent wrote are run at the end. */
  execute: z.boolean(),
  resume: z.optional(runIdSchema),
});
export type TaskRequest = z.infer<typeof taskRequestSchema>;

/** An id that a client makes, so that sending twice is sending once. */
const inputId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));

/**
 * `input`: something for an agent that works. `now` steers it at its next step; `next` waits for the end of its turn.
 * An interruption ends the turn; the task goes on where a message waits, and completes else. Answered with `done`.
 */
export const inputRequestSchema = z.strictObject({
  kind: z.literal('input'),
  version: z.int().check(z.minimum(1)),
  runId: runIdSchema,
  input: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('message'),
      id: inputId,
      text: prompt,
      when: z.enum(['now', 'next']),
    }),
    z.strictObject({
      type: z.literal('answer'),
      /** The question's id. */
      id: z.string().check(z.maxLength(256)),
      /** The labels that were chosen, and what was written. */
      chosen: z.array(z.string()),
      text: z.optional(longText),
    }),
    z.strictObject({ type: z.literal('interrupt') }),
  ]),
});
export type TaskInput = z.infer<typeof inputRequestSchema>['input'];
