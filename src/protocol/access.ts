import * as z from 'zod/mini';
import { REGION_NAME } from './aws-names.ts';

/** An address that a model answers at. */
const baseUrlSchema = z
  .string()
  .check(z.maxLength(2048), z.regex(/^https?:\/\/[^\s]+$/, 'must be an http or https address'));

const secretSchema = z.string().check(z.minLength(1), z.maxLength(16 * 1024), z.regex(/^[\x21-\x7e]+$/));

/**
 * How the model of a task is reached. It holds secrets: the backend keeps it in memory for as long as the run lasts and
 * writes it nowhere.
 *
 * `messages`: an endpoint of the Messages API, Anthropic's own where no address is given. A `key` travels as
 * `x-api-key`, a `token` (of a subscription) as a bearer.
 * `bedrock`: Amazon Bedrock, signed with the credentials of a profile of the host's own AWS configuration.
 */
export const accessSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('messages'),
    baseUrl: z.optional(baseUrlSchema),
    key: z.optional(secretSchema),
    token: z.optional(secretSchema),
  }),
  z.strictObject({
    provider: z.literal('bedrock'),
    region: z.string().check(z.regex(REGION_NAME, 'is not the name of a region')),
    profile: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
    /** In place of the region's own endpoint. */
    baseUrl: z.optional(baseUrlSchema),
  }),
]);
export type ModelAccess = z.infer<typeof accessSchema>;
