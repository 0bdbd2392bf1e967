import * as z from 'zod/mini';
import { runIdSchema } from '../id.ts';
import { workspacePathSchema } from '../path.ts';
import { MAX_CODE_BYTES } from '../request.ts';
import { chosenSchema, placeSchema, promptSchema, sessionIdSchema, writtenPartSchema } from './session.ts';

/** Numbers the messages of a page; the host's `reply` names it. */
const id = z.int().check(z.minimum(1));
const runId = runIdSchema;
const path = z.optional(workspacePathSchema);

/** An address that may be opened outside of the editor. */
const hrefSchema = z
  .string()
  .check(z.maxLength(4096), z.regex(/^(https?|mailto):[^\s]+$/i, 'is no web address'));

/** What the chat's page asks of the editor. Each message is answered with one `reply`. */
export const toHostSchema = z.discriminatedUnion('type', [
  /** The page is up, and knows nothing yet. */
  z.strictObject({ type: z.literal('ready'), id }),
  /** A task that goes on in a session, or begins one. */
  z.strictObject({
    type: z.literal('submit'),
    id,
    session: z.nullable(sessionIdSchema),
    prompt: promptSchema,
    chosen: chosenSchema,
  }),
  /** A message to an agent that works. */
  z.strictObject({
    type: z.literal('message'),
    id,
    runId,
    text: promptSchema,
    when: z.enum(['now', 'next']),
  }),
  z.strictObject({
    type: z.literal('answer'),
    id,
    runId,
    question: z.string().check(z.maxLength(256)),
    chosen: z.array(z.string()),
    text: z.optional(promptSchema),
  }),
  /** Ends the agent's turn; what it did is kept. */
  z.strictObject({ type: z.literal('interrupt'), id, runId }),
  /** Ends the run. */
  z.strictObject({ type: z.literal('stop'), id, runId }),
  /** Opens the changes of a run, or of one file. */
  z.strictObject({ type: z.literal('review'), id, runId, path }),
  z.strictObject({ type: z.literal('accept'), id, runId, path }),
  z.strictObject({ type: z.literal('discard'), id, runId, path }),
  z.strictObject({
    type: z.literal('run-code'),
    id,
    session: sessionIdSchema,
    place: placeSchema,
    language: z.string().check(z.maxLength(64)),
    code: z.string().check(z.minLength(1), z.maxLength(MAX_CODE_BYTES)),
  }),
  z.strictObject({
    type: z.literal('open-file'),
    id,
    runId,
    path: workspacePathSchema,
    /** From 1. */
    line: z.optional(z.int().check(z.minimum(1))),
  }),
  /** Opens the whole of a text that the page shows cut. */
  z.strictObject({ type: z.literal('open-whole'), id, runId, part: writtenPartSchema }),
  z.strictObject({ type: z.literal('open-link'), id, href: hrefSchema }),
  z.strictObject({ type: z.literal('copy'), id, text: z.string().check(z.maxLength(MAX_CODE_BYTES)) }),
  z.strictObject({ type: z.literal('new-session'), id }),
  z.strictObject({ type: z.literal('select-session'), id, session: sessionIdSchema }),
  z.strictObject({ type: z.literal('delete-session'), id, session: sessionIdSchema }),
  /** What is picked is remembered. */
  z.strictObject({ type: z.literal('choose'), id, chosen: chosenSchema }),
  /** A button under an error. */
  z.strictObject({ type: z.literal('remedy'), id, remedy: z.string().check(z.maxLength(1024)) }),
  /** The page has missed events: it wants those after the numbered one again. */
  z.strictObject({ type: z.literal('replay'), id, runId, after: z.int().check(z.minimum(0)) }),
]);
export type ToHost = z.infer<typeof toHostSchema>;

/** A message before it is numbered. */
export type ToHostBody = ToHost extends infer Message
  ? Message extends ToHost
    ? Omit<Message, 'id'>
    : never
  : never;

/** Something for each kind of message; one that is missing does not compile. */
export type ToHostHandlers<Result> = {
  [Type in ToHost['type']]: (message: Extract<ToHost, { type: Type }>) => Result;
};
