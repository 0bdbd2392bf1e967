import * as z from 'zod/mini';
import { REGION_NAME } from './aws-names.ts';

const secretSchema = z.string().check(z.minLength(1), z.maxLength(16 * 1024), z.regex(/^[\x21-\x7e]+$/));

/**
 * Credentials of a session in AWS that the programs of a run have: those of a role that its user has named, never the
 * backend's own. They are secrets: a backend keeps them in memory for as long as the run lasts. What makes
 * containers hands them over in a file of its runtime folder, which no other user can read and which goes with the run; they
 * are written nowhere else.
 */
export const credentialsSchema = z.strictObject({
  accessKeyId: z.string().check(z.regex(/^\w{16,128}$/)),
  secretAccessKey: secretSchema,
  sessionToken: secretSchema,
  region: z.string().check(z.regex(REGION_NAME, 'is not the name of a region')),
  /** Milliseconds since 1970, at which they end. */
  expires: z.int(),
});
export type SessionCredentials = z.infer<typeof credentialsSchema>;
