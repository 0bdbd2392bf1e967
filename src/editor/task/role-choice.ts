import * as z from 'zod/mini';
import { roleProblem } from '../../core/aws/role/role-arn.ts';

/** The ARN of a role. */
export const roleArnSchema = z
  .string()
  .check(
    z.refine(
      (arn) => roleProblem(arn) === undefined,
      'must be the ARN of a role, such as arn:aws:iam::123456789012:role/reader',
    ),
  );

/** What a task is to have of AWS: whose session, and what for. No credentials are in it: those are asked for anew each time. */
export const roleChoiceSchema = z.strictObject({
  arn: roleArnSchema,
  /** As it is written; see the core's purposes. */
  purpose: z.string().check(z.maxLength(2048)),
  /** Who takes the role, by a profile of the AWS configuration; the default credentials where absent. */
  profile: z.optional(z.string().check(z.maxLength(256))),
  /** The profile's own where absent. */
  region: z.optional(z.string().check(z.maxLength(64))),
});
export type RoleChoice = z.infer<typeof roleChoiceSchema>;

/** A role by its name alone. */
export const roleName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
