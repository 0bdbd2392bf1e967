import * as z from 'zod/mini';
import { agentItemSchema } from './agent-item.ts';
import { hashSchema } from './content.ts';
import { errorSchema } from './error.ts';
import { workspacePathSchema } from './path.ts';
import { usageSchema } from './usage.ts';

/** Where a run stands, in this order; one that does not apply is left out. */
export const PHASES = [
  'queued',
  'uploading',
  'starting',
  'installing',
  'running',
  'checking',
  'executing',
  'collecting',
] as const;
export type Phase = (typeof PHASES)[number];

/** `seq` counts a run's events from 1 without gaps; `time` is the backend's clock, milliseconds since 1970. */
const numbered = { seq: z.int().check(z.minimum(1)), time: z.number() };

/** The first event of a run is the phase `queued`; it carries the run's id. */
export const phaseEventSchema = z.object({
  ...numbered,
  type: z.literal('phase'),
  phase: z.enum(PHASES),
  runId: z.optional(z.string()),
});

/** The first event of a run, the same whoever tells it. @param time when it was queued, in milliseconds since 1970 */
export const queuedEvent = (runId: string, time: number) =>
  ({ seq: 1, time, type: 'phase', phase: 'queued', runId }) as const;

/**
 * What the program wrote, cut anywhere. Bytes that are not UTF-8 travel as base64 instead of text. In a task, `program`
 * says whose it is: `check`, or the path of a file that was executed.
 */
export const outputEventSchema = z.object({
  ...numbered,
  type: z.literal('output'),
  stream: z.enum(['stdout', 'stderr']),
  text: z.optional(z.string()),
  base64: z.optional(z.string()),
  program: z.optional(z.string()),
});

/** What an agent says and does. `parent` is the tool use that a sub-agent works for. */
export const agentEventSchema = z.object({
  ...numbered,
  type: z.literal('agent'),
  item: agentItemSchema,
  parent: z.optional(z.string()),
});

/** How a program ended that a task ran: an exit code, a signal, or the error that kept it from either. */
const programEnd = {
  exitCode: z.optional(z.int()),
  signal: z.optional(z.string()),
  error: z.optional(errorSchema),
};

/** A task's check has ended: the work is verified where it passed. Its output came before, as `check`. */
export const checkEventSchema = z.object({
  ...numbered,
  ...programEnd,
  type: z.literal('check'),
  command: z.string(),
  passed: z.boolean(),
});

/** A program that the agent wrote was run. Its output came before, under its path. */
export const executionEventSchema = z.object({
  ...numbered,
  ...programEnd,
  type: z.literal('execution'),
  path: workspacePathSchema,
  language: z.string(),
});

/** A file that differs from the snapshot. Its content, where there is one, is a blob of the run. */
export const changeEventSchema = z.object({
  ...numbered,
  type: z.literal('change'),
  path: workspacePathSchema,
  operation: z.enum(['create', 'modify', 'delete']),
  /** Permission bits after the change; 0 for a deletion. */
  mode: z.int(),
  size: z.int(),
  hash: z.optional(hashSchema),
});

/** Something that a user should know and that ends nothing: a result left out, a cut. */
export const noticeEventSchema = z.object({
  ...numbered,
  type: z.literal('notice'),
  code: z.string(),
  message: z.string(),
});

const ending = { usage: usageSchema };

/**
 * The program ended by itself: an exit code, or the signal that it died of. A task ended by itself: it has neither, and is
 * `verified` as its check has found, where it has one.
 */
export const completedEventSchema = z.object({
  ...numbered,
  ...ending,
  type: z.literal('completed'),
  exitCode: z.optional(z.int()),
  signal: z.optional(z.string()),
  verified: z.optional(z.boolean()),
});

/** The run was ended by a limit or could not be carried out. What came before is kept. */
export const failedEventSchema = z.object({
  ...numbered,
  ...ending,
  type: z.literal('failed'),
  error: errorSchema,
});

/** The user ended the run; no process of it is left. */
export const cancelledEventSchema = z.object({ ...numbered, ...ending, type: z.literal('cancelled') });

/** What every event has, whatever its kind. */
export const anyEventSchema = z.looseObject({ ...numbered, type: z.string() });

export const knownEventSchema = z.discriminatedUnion('type', [
  phaseEventSchema,
  outputEventSchema,
  agentEventSchema,
  checkEventSchema,
  executionEventSchema,
  changeEventSchema,
  noticeEventSchema,
  completedEventSchema,
  failedEventSchema,
  cancelledEventSchema,
]);
type KnownEvent = z.infer<typeof knownEventSchema>;

/** An event of a kind that this side does not know: kept as it came. */
export interface UnknownEvent {
  type: 'unknown';
  seq: number;
  time: number;
  frame: Record<string, unknown>;
}

export type RunEvent = KnownEvent | UnknownEvent;
export type ChangeEvent = z.infer<typeof changeEventSchema>;
export type AgentEvent = z.infer<typeof agentEventSchema>;
export type CheckEvent = z.infer<typeof checkEventSchema>;
export type ExecutionEvent = z.infer<typeof executionEventSchema>;
export type OutputEvent = z.infer<typeof outputEventSchema>;
export type TerminalEvent =
  | z.infer<typeof completedEventSchema>
  | z.infer<typeof failedEventSchema>
  | z.infer<typeof cancelledEventSchema>;

/** An event before the journal numbers it. */
export type EventBody = KnownEvent extends infer E
  ? E extends KnownEvent
    ? Omit<E, 'seq' | 'time'>
    : never
  : never;

const KNOWN_TYPES: ReadonlySet<string> = new Set([
  'phase',
  'output',
  'agent',
  'check',
  'execution',
  'change',
  'notice',
  'completed',
  'failed',
  'cancelled',
]);
const TERMINAL_TYPES: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

/** Whether an event is of a kind that this side knows. */
export const isKnownType = (type: string): boolean => KNOWN_TYPES.has(type);

/** Whether an event is a run's last one. */
export const isTerminal = (event: { type: string }): event is TerminalEvent => TERMINAL_TYPES.has(event.type);
