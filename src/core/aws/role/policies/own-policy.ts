import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { why } from '../../../../protocol/decode.ts';
import { OffloadError } from '../../../../protocol/error.ts';
import type { PolicyStatement } from '../policy.ts';

const texts = z.union([z.string(), z.array(z.string())]);

/** A statement as sessions can have it: who it is about is said by the session. */
const statementSchema = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.optional(texts),
  NotAction: z.optional(texts),
  Resource: z.optional(texts),
  NotResource: z.optional(texts),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});

const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Id: z.optional(z.string()),
  Statement: z.union([statementSchema, z.array(statementSchema).check(z.minLength(1))]),
});

/** The statements of a user's own policy. @throws OffloadError `bad-setting` naming the file and what is wrong with it */
export async function ownStatements(path: string): Promise<PolicyStatement[]> {
  const name = JSON.stringify(path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('bad-setting', `The policy ${name} cannot be read: ${said}.`, {
      fix: 'Name a file that is there, from the folder that the command runs in or from the root.',
      cause,
    });
  });
  const parsed = policySchema.safeParse(asJson(text, name));
  if (!parsed.success) {
    throw new OffloadError(
      'bad-setting',
      `The policy ${name} is none that a session can have: ${why(parsed.error)}.`,
      { fix: 'It has the Version "2012-10-17" and statements with Effect, Action, Resource and Condition.' },
    );
  }
  const { Statement } = parsed.data;
  return (Array.isArray(Statement) ? Statement : [Statement]) as PolicyStatement[];
}

function asJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OffloadError('bad-setting', `The policy ${name} is not JSON.`, {
      fix: 'Write it as IAM has it: "offload policy show inventory" prints one.',
      cause,
    });
  }
}
