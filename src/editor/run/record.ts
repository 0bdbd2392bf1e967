import * as z from 'zod/mini';
import { contentSchema } from '../../protocol/content.ts';
import { changeEventSchema } from '../../protocol/event.ts';
import { runIdSchema } from '../../protocol/id.ts';
import { workspacePathSchema } from '../../protocol/path.ts';

/**
 * What the editor keeps of a run until nothing is left to do about it: enough to follow it again, to link its output
 * to the user's files and to review its changes after a reload. Addresses are URIs in text form.
 */
export const recordSchema = z.object({
  format: z.literal(1),
  runId: runIdSchema,
  title: z.string(),
  /** What the heading says beside the title. */
  details: z.array(z.string()),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** The workspace folders of the window that started it: a window with one of them takes it up again. */
  folders: z.array(z.string()),
  /** The folder that its paths are in; none for an untitled document. */
  root: z.optional(z.string()),
  /** What was run, and its path in the sandbox. */
  document: z.string(),
  entry: workspacePathSchema,
  /** The files as they were sent. */
  sent: z.array(z.strictObject({ path: workspacePathSchema, mode: z.int(), content: contentSchema })),
  /** Set at the run's end: its changes that nobody has decided on yet. */
  changes: z.optional(z.array(changeEventSchema)),
});
export type RunRecord = z.infer<typeof recordSchema>;

/** Whether a window with these workspace folders takes a run up. */
export const belongsTo = (record: RunRecord, folders: readonly string[]): boolean =>
  record.folders.length === 0
    ? folders.length === 0
    : record.folders.some((folder) => folders.includes(folder));
