import * as z from 'zod/mini';
import { workspacePathSchema } from '../../../src/protocol/path.ts';

/** Bytes of a checkpoint at most. */
export const MAX_CHECKPOINT_BYTES = 1024 ** 3;

/** Characters of one line of an archive at most: a path, a link's target, the state with its messages. */
export const MAX_LINE_CHARS = 16 * 1024 * 1024;

const at = {
  /** Which of a session's two trees it belongs to. */
  in: z.enum(['workspace', 'home']),
  path: workspacePathSchema,
};
const mode = z.int().check(z.minimum(0), z.maximum(0o777));

/**
 * A line of an archive after the first one, which is the state. The content of a file follows its line. The kinds come in
 * this order, so that what is written never leads through a link: `gone`, `folder`, `file`, `link`, `end`.
 */
export const archiveEntrySchema = z.discriminatedUnion('kind', [
  /** What the snapshot has there is not there any more. */
  z.strictObject({ ...at, kind: z.literal('gone') }),
  z.strictObject({ ...at, kind: z.literal('folder'), mode }),
  z.strictObject({ ...at, kind: z.literal('file'), mode, size: z.int().check(z.minimum(0)) }),
  z.strictObject({ ...at, kind: z.literal('link'), target: z.string() }),
  /** An archive without it was cut. */
  z.strictObject({ kind: z.literal('end') }),
]);
export type ArchiveEntry = z.infer<typeof archiveEntrySchema>;

export const KINDS: readonly ArchiveEntry['kind'][] = ['gone', 'folder', 'file', 'link', 'end'];
