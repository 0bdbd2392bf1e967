import * as z from 'zod/mini';

/** A run's id, made by the client: 128 random bits, so that two clients never meet. */
export const runIdSchema = z.string().check(z.regex(/^r_[0-9a-f]{32}$/, 'is not the id of a run'));
