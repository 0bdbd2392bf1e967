import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hashSchema } from '../../../src/protocol/content.ts';
import { runIdSchema } from '../../../src/protocol/id.ts';

/** A snapshot by its hash; null for the empty tree of a task without one. */
const treeSchema = z.nullable(hashSchema);

const recordSchema = z.object({
  format: z.literal(1),
  /** The adapter's id. */
  agent: z.string(),
  /** The agent's own name of the conversation, once it has said it. */
  conversation: z.optional(z.string()),
  /** The tree that the workspace began from; absent until all of it is there. */
  tree: z.optional(treeSchema),
  /** Trees that were being brought in, none of them to its end. */
  next: z.optional(z.array(treeSchema)),
  /** The runs of the conversation, oldest first. */
  runs: z.array(runIdSchema),
  /** The user that everything in it belongs to on the host, where that is not the backend's own. */
  owner: z.optional(z.int()),
  /** Milliseconds since 1970. */
  usedAt: z.number(),
});
export type SessionRecord = z.infer<typeof recordSchema>;

/** Undefined where there is none, or none that can be read. */
export function readRecord(folder: string): SessionRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(folder, 'session.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a session's record into its folder, whole or not at all. */
export const writeRecord = (folder: string, record: SessionRecord): void =>
  writeInOneStep(join(folder, 'session.json'), JSON.stringify(record));

/** A reader, also one after a crash, sees the old text or the new one. */
export function writeInOneStep(path: string, text: string): void {
  const made = `${path}.${randomBytes(8).toString('hex')}`;
  writeFileSync(made, text, { mode: 0o600, flag: 'wx' });
  renameSync(made, path);
}
