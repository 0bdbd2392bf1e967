import * as z from 'zod/mini';
import { errorSchema } from './error.ts';

/** The isolation that a sandbox has, as found by trying it. */
export const isolationSchema = z.object({
  /** `bubblewrap`, `process` (a bare process), or `none` when nothing can run. */
  kind: z.string(),
  available: z.boolean(),
  /** What was found, for people. */
  detail: z.string(),
  /** What to do where it is not available. */
  fix: z.optional(z.string()),
});
export type IsolationReport = z.infer<typeof isolationSchema>;

/** What a target can do. A request that asks for more is refused, never weakened. */
export const capabilitiesSchema = z.object({
  target: z.string(),
  isolation: isolationSchema,
  languages: z.array(z.string()),
  /** Network modes that the target can hold a program to. */
  network: z.array(z.enum(['closed', 'open'])),
  /** Whether it can hold a program to a list of hosts; it cannot where absent. */
  networkAllow: z.optional(z.boolean()),
  /** Limits that the target enforces. One that it does not may not be asked for. */
  limits: z.array(z.string()),
  /** Longest run, in seconds, where the target has a bound of its own. */
  maxWallSeconds: z.optional(z.int()),
  /** Longest task, where that is another one: a task can go on in a fresh function. */
  maxTaskWallSeconds: z.optional(z.int()),
  /** Most memory of a run, in bytes, where the target has a bound of its own. */
  maxMemoryBytes: z.optional(z.int()),
  maxRequestBytes: z.int(),
  /** Whether a run can be followed again, listed and ended by another request than the one that started it. */
  attach: z.boolean(),
  cancel: z.boolean(),
  /** The agents that tasks can have; none where it takes no tasks. */
  agents: z.optional(z.array(z.string())),
  /** Whether the interpreters are the host's own. */
  hostInterpreters: z.boolean(),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/** Answer to `environment`. */
export const environmentReplySchema = z.object({
  type: z.literal('environment'),
  /** The backend's build: package version and content hash. */
  build: z.string(),
  /** The Node version that it runs on. */
  node: z.string(),
  pid: z.optional(z.int()),
  versions: z.object({ newest: z.int(), oldest: z.int() }),
  capabilities: capabilitiesSchema,
});
export type Environment = z.infer<typeof environmentReplySchema>;

/** How runs stand, in lists of them. */
export const RUN_STATES = ['running', 'completed', 'failed', 'cancelled'] as const;

/** Answer to `runs`, one for each run. */
export const runReplySchema = z.object({
  type: z.literal('run'),
  runId: z.string(),
  title: z.string(),
  /** A run's language; of a task, its agent. */
  language: z.string(),
  kind: z.optional(z.enum(['run', 'task'])),
  state: z.enum(RUN_STATES),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
});
export type RunSummary = z.infer<typeof runReplySchema>;

/** Part of the answer to `blob`, in order; `last` on the final part. */
export const blobReplySchema = z.object({ type: z.literal('blob'), base64: z.string(), last: z.boolean() });

/** Answer to `missing`. */
export const missingReplySchema = z.object({ type: z.literal('missing'), hashes: z.array(z.string()) });

/** The request failed; nothing follows. */
export const errorReplySchema = z.object({ type: z.literal('error'), error: errorSchema });

/** The request was carried out and has no other answer. */
export const doneReplySchema = z.object({ type: z.literal('done') });
