import * as z from 'zod/mini';
import { budgetChoiceSchema } from './session.ts';

/** Something that can be picked, or why it cannot. */
const offered = {
  id: z.string(),
  label: z.string(),
  /** A few words more. */
  detail: z.optional(z.string()),
  /** Set where it cannot be used now. */
  obstacle: z.optional(z.string()),
};

/** What the pickers offer. Any model's name can be written besides those offered. */
export const choicesSchema = z.object({
  agents: z.array(z.object({ ...offered, models: z.array(z.object({ id: z.string(), label: z.string() })) })),
  targets: z.array(z.object(offered)),
  budgets: z.array(z.object({ label: z.string(), budget: budgetChoiceSchema })),
});
export type Choices = z.infer<typeof choicesSchema>;

/** An error as the page shows it: what and why, what to do, and buttons that do it. */
export const shownErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.optional(z.string()),
  /** `id` is the host's own name for what the button does. */
  remedies: z.array(z.object({ id: z.string(), label: z.string() })),
});
export type ShownError = z.infer<typeof shownErrorSchema>;
