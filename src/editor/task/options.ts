import * as z from 'zod/mini';
import { taskRequestSchema } from '../../protocol/task.ts';
import { roleChoiceSchema } from './role-choice.ts';

const { check, network, instructions, model } = taskRequestSchema.shape;

/** How a task is to be done, besides its prompt: the settings' defaults, and what was chosen for it. */
export const taskOptionsSchema = z.strictObject({
  /** The agent's id. */
  agent: z.string(),
  model,
  budget: taskRequestSchema.shape.budget,
  minutes: z.number().check(z.positive(), z.maximum(24 * 60)),
  network,
  /** Which files go along: those of the workspace's folders, or none. */
  files: z.enum(['workspace', 'none']),
  check,
  execute: z.boolean(),
  instructions,
  /** What it has of AWS. */
  role: z.optional(roleChoiceSchema),
});
export type TaskOptions = z.infer<typeof taskOptionsSchema>;
