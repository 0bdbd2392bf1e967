import * as z from 'zod/mini';
import { hashSchema } from './content.ts';
import { errorSchema } from './error.ts';
import { workspacePathSchema } from './path.ts';

/** Where a run stands, in this order; one that does not apply is left out. */
export const PHASES = ['queued', 'uploading', 'starting', 'installing', 'running', 'collecting'] as const;
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

/** What the program wrote, cut anywhere. Bytes that are not UTF-8 travel as base64 instead of text. */
export const outputEventSchema = z.object({
  ...numbered,
  type: z.literal('output'),
  stream: z.enum(['stdout', 'stderr']),
  text: z.optional(z.string()),
  base64: z.optional(z.string()),
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

/** Part of a blob, for targets whose runs leave no store behind: in order, `last` on the final part. */
export const blobEventSchema = z.object({
  ...numbered,
  type: z.literal('blob'),
  hash: hashSchema,
  base64: z.string(),
  last: z.boolean(),
});

/** What a run took. */
export const usageSchema = z.object({
  /** Milliseconds from the program's start to its end. */
  wallMs: z.number(),
  /** Milliseconds of processor time of the tree, as last sampled; absent where it could not be read. */
  cpuMs: z.optional(z.number()),
  /** Highest sampled memory of the tree, in bytes. */
  peakMemoryBytes: z.optional(z.number()),
  outputBytes: z.number(),
});
export type Usage = z.infer<typeof usageSchema>;

const ending = { usage: usageSchema };

/** The program ended by itself: an exit code, or the signal that it died of. */
export const completedEventSchema = z.object({
  ...numbered,
  ...ending,
  type: z.literal('completed'),
  exitCode: z.optional(z.int()),
  signal: z.optional(z.string()),
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
  changeEventSchema,
  noticeEventSchema,
  blobEventSchema,
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
  'change',
  'notice',
  'blob',
  'completed',
  'failed',
  'cancelled',
]);
const TERMINAL_TYPES: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

export const isKnownType = (type: string): boolean => KNOWN_TYPES.has(type);

export const isTerminal = (event: { type: string }): event is TerminalEvent => TERMINAL_TYPES.has(event.type);
