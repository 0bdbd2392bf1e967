import * as z from 'zod/mini';
import { contentSchema, hashSchema } from '../../protocol/content.ts';
import { changeEventSchema } from '../../protocol/event.ts';
import { runIdSchema } from '../../protocol/id.ts';
import { workspacePathSchema } from '../../protocol/path.ts';
import { placedShape } from '../target/placed.ts';
import { taskOptionsSchema } from '../task/options.ts';

const sentFile = { path: workspacePathSchema, mode: z.int() };

/** A file as it was sent: with its content, or by hash where that is a blob of the run. */
const sentFileSchema = z.union([
  z.strictObject({ ...sentFile, content: contentSchema }),
  z.strictObject({ ...sentFile, size: z.int().check(z.minimum(0)), hash: hashSchema }),
]);
export type SentFile = z.infer<typeof sentFileSchema>;

/** What only tasks have. */
const taskPartSchema = z.strictObject({
  prompt: z.string(),
  options: taskOptionsSchema,
  /** The name of the snapshot that was sent; none where no files went along. */
  snapshot: z.optional(hashSchema),
  /** The first task of the conversation that it belongs to: itself, where it is the first. */
  conversation: runIdSchema,
  /** The task that it goes on from. */
  resume: z.optional(runIdSchema),
});
export type TaskPart = z.infer<typeof taskPartSchema>;

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
  /** The folder that its paths are in; none for an untitled document, and where there are several. */
  root: z.optional(z.string()),
  /** The folders of a workspace that has several: the first name of each path says in which it is. */
  roots: z.optional(z.array(z.strictObject({ name: workspacePathSchema, uri: z.string() }))),
  /** Of a program: what was run, and its path in the sandbox. */
  document: z.optional(z.string()),
  entry: z.optional(workspacePathSchema),
  task: z.optional(taskPartSchema),
  ...placedShape,
  /** Where it was begun, and so is shown; by a command where absent. */
  from: z.optional(z.enum(['command', 'chat'])),
  /** The files as they were sent; of a task those that it changed, noted at its end. */
  sent: z.array(sentFileSchema),
  /** Whether it was said that its place is gone. */
  saidGone: z.optional(z.boolean()),
  /** Set at the run's end: its changes that nobody has decided on yet. */
  changes: z.optional(z.array(changeEventSchema)),
});
export type RunRecord = z.infer<typeof recordSchema>;

/** Whether a window with these workspace folders takes a run up. */
export const belongsTo = (record: RunRecord, folders: readonly string[]): boolean =>
  record.folders.length === 0
    ? folders.length === 0
    : record.folders.some((folder) => folders.includes(folder));

/** A program's record by the document that was run; a task's by its conversation. Those that share it share a terminal. */
export const subjectOf = ({ task, document, runId }: RunRecord): string =>
  task?.conversation ?? document ?? runId;
