import * as z from 'zod/mini';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import { why } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { accessFrom } from '../tasks/lambda-tasks.ts';

/** Milliseconds after which the secret is read again: a key may have been changed. */
const KEPT = 60_000;

const optional = z.optional(z.string());
const secretSchema = z.object({
  /** What tokens are signed with. */
  signing: z.string().check(z.minLength(32)),
  ANTHROPIC_API_KEY: optional,
  CLAUDE_CODE_OAUTH_TOKEN: optional,
  ANTHROPIC_BASE_URL: optional,
  provider: optional,
  region: optional,
});

export interface Secret {
  signing: string;
  /** How models are reached where a request does not say. */
  access: ModelAccess | undefined;
}

/** Reads control's secret from AWS Secrets Manager, and again after a while. */
export function secretReader(arn: string, region: string | undefined): () => Promise<Secret> {
  let known: { secret: Promise<Secret>; until: number } | undefined;
  return async () => {
    if (known === undefined || known.until < Date.now())
      known = { secret: read(arn, region), until: Date.now() + KEPT };
    const { secret } = known;
    secret.catch(() => (known = undefined));
    return secret;
  };
}

async function read(arn: string, region: string | undefined): Promise<Secret> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import('./control-sdk.ts');
  const client = new SecretsManagerClient({});
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return secretOf(SecretString, region);
  } catch (cause) {
    if (cause instanceof OffloadError) throw cause;
    // CloudFormation believes that it is there: deploying again would not bring it back.
    const isGone = /^(ResourceNotFound|InvalidRequest)Exception$/.test(
      cause instanceof Error ? cause.name : '',
    );
    throw isGone
      ? new OffloadError('no-backend', "The backend's secret is gone.", {
          fix: 'Remove the backend with "offload destroy" and deploy it anew.',
          cause,
        })
      : new OffloadError('no-backend', "The backend's secret cannot be read.", {
          fix: 'Deploy the backend again.',
          cause,
        });
  } finally {
    client.destroy();
  }
}

function secretOf(text: string, region: string | undefined): Secret {
  const parsed = secretSchema.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new OffloadError(
      'no-backend',
      `The backend's secret is not as it was made: ${why(parsed.error)}.`,
      {
        fix: 'Remove the backend with "offload destroy" and deploy it anew.',
      },
    );
  const { signing, provider, region: own, ...model } = parsed.data;
  const bedrock = provider === 'bedrock' ? { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: own ?? region } : {};
  return { signing, access: accessFrom({ ...model, ...bedrock }) };
}

/** Undefined for what is no JSON: the error that says so quotes it, and errors are logged. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
