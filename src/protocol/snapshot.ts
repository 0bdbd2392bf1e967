import * as z from 'zod/mini';
import { hashSchema } from './content.ts';
import { workspacePathSchema } from './path.ts';

/** Files and links of a snapshot at most. */
export const MAX_SNAPSHOT_ENTRIES = 100_000;

/** Bytes of all files of a snapshot at most, and of one. */
export const MAX_SNAPSHOT_BYTES = 2 * 1024 ** 3;
export const MAX_SNAPSHOT_FILE_BYTES = 512 * 1024 ** 2;

/** A file of a tree. `mode` holds the permission bits; of these the executable bit survives. */
const fileEntrySchema = z.strictObject({
  kind: z.literal('file'),
  path: workspacePathSchema,
  mode: z.int().check(z.minimum(0), z.maximum(0o777)),
  size: z.int().check(z.minimum(0), z.maximum(MAX_SNAPSHOT_FILE_BYTES)),
  hash: hashSchema,
});

/** A symbolic link, with its target as it stands there. */
const linkEntrySchema = z.strictObject({
  kind: z.literal('link'),
  path: workspacePathSchema,
  target: z.string().check(z.minLength(1), z.maxLength(4095)),
});

const entrySchema = z.discriminatedUnion('kind', [fileEntrySchema, linkEntrySchema]);
export type SnapshotFile = z.infer<typeof fileEntrySchema>;
export type SnapshotLink = z.infer<typeof linkEntrySchema>;
export type SnapshotEntry = z.infer<typeof entrySchema>;

/**
 * A tree as it is sent: its files by hash, its links, sorted by path, no path twice and none below another's. It travels
 * as a blob of JSON, whose hash is the snapshot's name. Folders are those that paths name; empty ones do not travel. With
 * several roots (a multi-root workspace) each is a top folder, named in `roots`.
 */
export const snapshotSchema = z.strictObject({
  format: z.literal(1),
  roots: z.optional(z.array(workspacePathSchema)),
  entries: z.array(entrySchema).check(z.maxLength(MAX_SNAPSHOT_ENTRIES)),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
