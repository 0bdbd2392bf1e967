import * as z from 'zod/mini';
import { accessSchema } from './access.ts';
import { hashSchema } from './content.ts';
import { credentialsSchema } from './credentials.ts';
import { runIdSchema } from './id.ts';

/** What the parts of a backend on AWS Lambda say to each other besides the protocol of all targets. */

/** A workspace, as Lambda keeps its environments apart by: a hash, so that nothing of the workspace shows. */
export const tenantSchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not the name of a tenant'));

/** A request to the store that needs no other credentials; see the store's `Address`. */
export const addressSchema = z.object({
  method: z.enum(['GET', 'PUT']),
  /** The name in the store. */
  key: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Milliseconds since 1970. */
  expires: z.number(),
});
export type NamedAddress = z.infer<typeof addressSchema>;

/**
 * `grant`: control's answer to `run` and `task` where nobody carries the run out yet. The client hands it to the runner,
 * `{grant, request}`; where the request is too large for that, without it. Whoever is granted the same run twice may hand
 * both on: the runner that is first has it, the other one ends without an event. Who is granted a run knows its first event,
 * and tells it.
 */
export const grantSchema = z.object({
  type: z.literal('grant'),
  runId: runIdSchema,
  tenant: tenantSchema,
  epoch: z.int().check(z.minimum(1)),
  /** When the run was claimed, in milliseconds since 1970: the time of its first event, whoever tells of it. */
  claimedAt: z.optional(z.number()),
  /** Where control answers the runner. */
  url: z.string(),
  /** The run's token, which control knows its runner by. */
  token: z.string(),
  /** Whether the runner is in a VPC, whose routes may not lead to control. */
  vpc: z.optional(z.boolean()),
  /**
   * Where the runner reaches the store and nothing else: all that it needs of the store is among the addresses. The probe is
   * one that the way to the store must not let through, whoever has signed it.
   */
  closed: z.optional(z.object({ probe: addressSchema })),
  /** Seconds after which a runner that shows no sign of life is given up. */
  leaseSeconds: z.number(),
  addresses: z.array(addressSchema),
  /**
   * Of a task that goes on where the runner of the epoch before has left it. Nobody reads the answer then: it is followed
   * through control.
   */
  continued: z.optional(
    z.object({
      /** The number of the last event that the epochs before have. */
      seq: z.int().check(z.minimum(0)),
      /** Milliseconds since the first runner has begun it. */
      elapsedMs: z.number(),
    }),
  ),
});
export type Grant = z.infer<typeof grantSchema>;

/** The runner's event. What the run's programs have of AWS comes to it alone, whichever way the request does. */
export const runnerEventSchema = z.object({
  grant: grantSchema,
  request: z.optional(z.unknown()),
  credentials: z.optional(credentialsSchema),
});
export type RunnerEvent = z.infer<typeof runnerEventSchema>;

const version = z.int().check(z.minimum(1));

/** `upload`: where a content can be put that is too large for a request. Answered with `address`, or `done` where it is there. */
export const uploadRequestSchema = z.strictObject({
  kind: z.literal('upload'),
  version,
  hash: hashSchema,
  size: z.int().check(z.minimum(0)),
});

/** `stored`: the `run` or `task` whose JSON is the content of that hash; what must not be stored comes along. */
export const storedRequestSchema = z.strictObject({
  kind: z.literal('stored'),
  version,
  hash: hashSchema,
  access: z.optional(accessSchema),
});

/** An answer that is to be had, or brought, elsewhere. */
export const addressReplySchema = z.object({ type: z.literal('address'), address: addressSchema });

/** What the runner asks control for at its address `addresses`: names in the store, and what it wants to do. */
export const addressesRequestSchema = z.strictObject({
  wants: z
    .array(z.strictObject({ method: z.enum(['GET', 'PUT']), key: z.string().check(z.maxLength(256)) }))
    .check(z.maxLength(256)),
});
export const addressesReplySchema = z.object({ addresses: z.array(addressSchema) });

/**
 * A header of a request for the model: its body is in the store, under this name of the run's. It has no other body. A
 * function's address takes 6 MB (Lambda quotas), the Messages API 32.
 */
export const BODY_HEADER = 'x-offload-body';

/** Contents that are kept as one: where each begins in it, and its bytes, by its hash. */
export const contentsIndexSchema = z.record(
  hashSchema,
  z.tuple([z.int().check(z.minimum(0)), z.int().check(z.minimum(0))]),
);
export type ContentsIndex = z.infer<typeof contentsIndexSchema>;

/** Something for a run that goes on: control adds it to the run's inbox, the runner takes it from there. */
export const inboxSchema = z.object({
  entries: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('cancel') }),
      /** See the protocol's `input`, which the runner reads it as. */
      z.object({ kind: z.literal('input'), input: z.unknown() }),
    ]),
  ),
});
export type Inbox = z.infer<typeof inboxSchema>;
