import * as z from 'zod/mini';
import type { ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

/** What a stack's secret holds: what tokens are signed with, which CloudFormation made, and what is put in by us. */
const secretSchema = z.catchall(z.object({ signing: z.string().check(z.minLength(1)) }), z.unknown());

/** What of the secret says how the model is reached. */
const ACCESS_FIELDS = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'provider',
  'region',
];

/** Puts how the model is reached into the stack's secret, in place of what was there, unless it is the same. */
export async function putAccess(
  work: Work,
  step: Step,
  secretArn: string,
  access: ModelAccess,
): Promise<void> {
  const { GetSecretValueCommand, PutSecretValueCommand } = await import('../aws/sdk/secrets.ts');
  const client = await work.aws.secrets();
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }), until(work));
  const before = secretOf(SecretString);
  const others = Object.entries(before).filter(([name]) => !ACCESS_FIELDS.includes(name));
  const after = { ...Object.fromEntries(others), ...fieldsOf(access) };
  if (sorted(after) === sorted(before)) {
    step.skip('it is there already');
    return;
  }
  const command = new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(after) });
  await client.send(command, until(work));
}

/** @throws OffloadError `stack-blocked`, which says nothing of what is in it */
function secretOf(text: string | undefined): Record<string, unknown> {
  try {
    return secretSchema.parse(JSON.parse(text ?? ''));
  } catch {
    // No cause: the parser quotes what it reads.
    throw new OffloadError(
      'stack-blocked',
      'The secret of the stack is not as it was made: somebody changed it by hand.',
      {
        fix: 'Put its version of before back in the Secrets Manager console; or remove the backend with "offload destroy", the runs that are kept too, and deploy anew.',
      },
    );
  }
}

const sorted = (secret: Record<string, unknown>): string =>
  JSON.stringify(Object.entries(secret).sort(([a], [b]) => (a < b ? -1 : 1)));

function fieldsOf(access: ModelAccess): Record<string, string> {
  if (access.provider === 'bedrock') return { provider: 'bedrock', region: access.region };
  return {
    ...(access.key === undefined ? {} : { ANTHROPIC_API_KEY: access.key }),
    ...(access.token === undefined ? {} : { CLAUDE_CODE_OAUTH_TOKEN: access.token }),
    ...(access.baseUrl === undefined ? {} : { ANTHROPIC_BASE_URL: access.baseUrl }),
  };
}
