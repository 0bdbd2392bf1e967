import * as z from 'zod/mini';
import { targetSchema } from '../../core/targets/target.ts';

const shape = {
  /** Where it went; this computer where absent. */
  target: z.optional(targetSchema),
  /** Of a target that serves several workspaces: which one it is there. */
  tenant: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  /** About what an hour of it costs there, in US dollars, where that is known. */
  hourUsd: z.optional(z.number().check(z.nonnegative())),
};

/** What a run's record says of where it is, so that it is found there again. */
export const placedSchema = z.object(shape);
export type Placed = z.infer<typeof placedSchema>;
export const placedShape = shape;
