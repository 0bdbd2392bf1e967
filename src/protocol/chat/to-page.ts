import * as z from 'zod/mini';
import { knownEventSchema, type RunEvent } from '../event.ts';
import { runIdSchema } from '../id.ts';
import { choicesSchema, shownErrorSchema } from './choices.ts';
import {
  chosenSchema,
  reviewedFileSchema,
  sessionIdSchema,
  sessionRunSchema,
  sessionSummarySchema,
} from './session.ts';

/** An event of a kind that the host does not know either. */
const unknownEventSchema = z.object({
  type: z.literal('unknown'),
  seq: z.int(),
  time: z.number(),
  frame: z.record(z.string(), z.unknown()),
});

const eventSchema: z.ZodMiniType<RunEvent> = z.union([knownEventSchema, unknownEventSchema]);

/** How a run stands with this window; its events tell the rest. */
const standingSchema = z.discriminatedUnion('state', [
  /** What is done before it is sent. */
  z.object({ state: z.literal('preparing'), doing: z.string() }),
  z.object({ state: z.literal('following') }),
  /** It was never sent. */
  z.object({ state: z.literal('unsent'), error: z.optional(shownErrorSchema) }),
  /** It can no longer be followed. */
  z.object({ state: z.literal('lost'), error: shownErrorSchema }),
  /** All of its events are here. `error` is that of a failed run, with what can be done. */
  z.object({ state: z.literal('ended'), error: z.optional(shownErrorSchema) }),
]);
export type Standing = z.infer<typeof standingSchema>;

/**
 * What the editor tells the chat's page. `state` and `session` are whole: what they do not name is gone. The events of a
 * run come in order, from the first one on for each new page.
 */
export const toPageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('state'),
    sessions: z.array(sessionSummarySchema),
    choices: choicesSchema,
    chosen: chosenSchema,
    trusted: z.boolean(),
    /** What keeps tasks from being started at all. */
    obstacle: z.optional(shownErrorSchema),
  }),
  /** The session that is shown and its runs, the oldest first; none for one that is about to begin. */
  z.object({ type: z.literal('session'), id: z.nullable(sessionIdSchema), runs: z.array(sessionRunSchema) }),
  z.object({ type: z.literal('standing'), runId: runIdSchema, standing: standingSchema }),
  /** `after` is the number of the last event before these, and `last` that of the last one they stand for. */
  z.object({
    type: z.literal('events'),
    runId: runIdSchema,
    after: z.int(),
    last: z.int(),
    events: z.array(eventSchema),
  }),
  /** The run's backend has been heard of. */
  z.object({ type: z.literal('alive'), runId: runIdSchema }),
  z.object({ type: z.literal('changes'), runId: runIdSchema, files: z.array(reviewedFileSchema) }),
  /** What became of the page's message with this id. */
  z.object({ type: z.literal('reply'), id: z.int(), error: z.optional(shownErrorSchema) }),
  /** Puts text into the prompt box. */
  z.object({ type: z.literal('draft'), text: z.string() }),
  z.object({ type: z.literal('show'), what: z.enum(['prompt', 'sessions']) }),
]);
export type ToPage = z.infer<typeof toPageSchema>;

/** Something for each kind of message; one that is missing does not compile. */
export type ToPageHandlers<Result> = {
  [Type in ToPage['type']]: (message: Extract<ToPage, { type: Type }>) => Result;
};
