import * as z from 'zod/mini';
import type { ModelAccess } from '../../protocol/access.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

const secretSchema = z.record(z.string(), z.unknown());

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
  const { SecretString = '{}' } = await client.send(
    new GetSecretValueCommand({ SecretId: secretArn }),
    until(work),
  );
  const before = secretSchema.parse(JSON.parse(SecretString));
  const others = Object.entries(before).filter(([name]) => !ACCESS_FIELDS.includes(name));
  const after = JSON.stringify({ ...Object.fromEntries(others), ...fieldsOf(access) });
  if (sorted(after) === sorted(SecretString)) {
    step.skip('it is there already');
    return;
  }
  await client.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: after }), until(work));
}

const sorted = (json: string): string =>
  JSON.stringify(Object.entries(secretSchema.parse(JSON.parse(json))).sort(([a], [b]) => (a < b ? -1 : 1)));

function fieldsOf(access: ModelAccess): Record<string, string> {
  if (access.provider === 'bedrock') return { provider: 'bedrock', region: access.region };
  return {
    ...(access.key === undefined ? {} : { ANTHROPIC_API_KEY: access.key }),
    ...(access.token === undefined ? {} : { CLAUDE_CODE_OAUTH_TOKEN: access.token }),
    ...(access.baseUrl === undefined ? {} : { ANTHROPIC_BASE_URL: access.baseUrl }),
  };
}
