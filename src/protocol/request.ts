import * as z from 'zod/mini';
import { contentSchema, hashSchema } from './content.ts';
import { credentialsSchema } from './credentials.ts';
import { runIdSchema } from './id.ts';
import { limitsSchema } from './limits.ts';
import { networkSchema } from './network.ts';
import { workspacePathSchema } from './path.ts';
import { inputRequestSchema, taskRequestSchema } from './task.ts';

/** Bytes that the code of a selection or the files of a request may take. */
export const MAX_CODE_BYTES = 8 * 1024 * 1024;
/** Bytes of a request at most, as it is sent. */
export const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

const version = z.int().check(z.minimum(1));

/** A file that goes along. `mode` holds the permission bits; of these the executable bit survives. */
const inputFileSchema = z.strictObject({
  path: workspacePathSchema,
  mode: z.int().check(z.minimum(0), z.maximum(0o777)),
  content: contentSchema,
});
export type InputFile = z.infer<typeof inputFileSchema>;

/** What a process can be given: the kernel's strings end with NUL. */
const textSchema = z.string().check(z.refine((text) => !text.includes('\0'), 'must not contain NUL'));

/**
 * `run`: execute a program. Requests are strict: a field that a backend does not know asks for something that it
 * cannot do, and is refused. Sending the same id again attaches to the run.
 *
 * `entry` names the file that is run, as seen from the workspace's root, which is the working directory. With `code`
 * the entry is written from it and never comes back as a change (a selection must not replace the file that it was
 * taken from); without, it is one of `files`.
 */
export const runRequestSchema = z.strictObject({
  kind: z.literal('run'),
  version,
  runId: runIdSchema,
  language: z.string().check(z.maxLength(64)),
  entry: workspacePathSchema,
  code: z.optional(z.string()),
  files: z.array(inputFileSchema),
  args: z.array(textSchema),
  stdin: z.optional(contentSchema),
  env: z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), textSchema),
  /** The host's interpreter, an absolute path: for targets that have `hostInterpreters` among their capabilities. */
  interpreter: z.optional(z.string()),
  /**
   * Where the interpreter comes from: the user's choice, which is used or the run fails; or the first on PATH, for which
   * the backend may take another where it does not do. A choice where absent.
   */
  interpreterFrom: z.optional(z.enum(['choice', 'path'])),
  limits: limitsSchema,
  network: networkSchema,
  /** What the program has of AWS; it needs a network that leads there. */
  credentials: z.optional(credentialsSchema),
  /** A name for people, shown in lists of runs. */
  title: z.string().check(z.maxLength(200)),
});
export type RunRequest = z.infer<typeof runRequestSchema>;

/** `attach`: the events of a run after the numbered one, from its beginning with 0. */
export const attachRequestSchema = z.strictObject({
  kind: z.literal('attach'),
  version,
  runId: runIdSchema,
  after: z.int().check(z.minimum(0)),
});

/** `cancel`: end a run. Answered with its terminal event, when no process of it is left. */
export const cancelRequestSchema = z.strictObject({ kind: z.literal('cancel'), version, runId: runIdSchema });

/** `blob`: the content of a change, in `blob` replies. */
export const blobRequestSchema = z.strictObject({
  kind: z.literal('blob'),
  version,
  runId: runIdSchema,
  hash: hashSchema,
});

/** Hashes that one `missing` asks for, and parts that one `put` brings, at most. */
export const MAX_HASHES = 20_000;

/** `missing`: which of these blobs the backend does not have. Answered with `missing`. What it has is kept for an hour at least. */
export const missingRequestSchema = z.strictObject({
  kind: z.literal('missing'),
  version,
  hashes: z.array(hashSchema).check(z.maxLength(MAX_HASHES)),
});

/**
 * `put`: blobs, whole or in parts. The parts of one come in order, in one request or in several; the last one is checked
 * against the hash. A part that does not begin where the one before has ended is refused. Answered with `done`.
 */
export const putRequestSchema = z.strictObject({
  kind: z.literal('put'),
  version,
  parts: z
    .array(
      z.strictObject({
        hash: hashSchema,
        offset: z.int().check(z.minimum(0)),
        base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
        last: z.boolean(),
      }),
    )
    .check(z.maxLength(MAX_HASHES)),
});
export type PutPart = z.infer<typeof putRequestSchema>['parts'][number];

/** `runs`: the runs that the backend remembers, newest first, one `run` reply each. */
export const runsRequestSchema = z.strictObject({ kind: z.literal('runs'), version });

/** `environment`: what the target can do, probed now. */
export const environmentRequestSchema = z.strictObject({ kind: z.literal('environment'), version });

/** `retire`: a newer backend asks an older one to take no new runs, finish its own and end. */
export const retireRequestSchema = z.strictObject({ kind: z.literal('retire'), version });

export const requestSchema = z.discriminatedUnion('kind', [
  runRequestSchema,
  taskRequestSchema,
  inputRequestSchema,
  attachRequestSchema,
  cancelRequestSchema,
  blobRequestSchema,
  missingRequestSchema,
  putRequestSchema,
  runsRequestSchema,
  environmentRequestSchema,
  retireRequestSchema,
]);
export type Request = z.infer<typeof requestSchema>;
