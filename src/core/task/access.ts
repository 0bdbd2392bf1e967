import { accessSchema, type ModelAccess } from '../../protocol/access.ts';
import { OffloadError } from '../../protocol/error.ts';
import { readKeyFile } from './key-file.ts';

/** The variables that say how the model is reached; see {@link accessFromEnvironment}. */
const ACCESS_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'OFFLOAD_KEY_FILE',
  'CLAUDE_CODE_USE_BEDROCK',
  'ANTHROPIC_BEDROCK_BASE_URL',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
] as const;

/** What subscription tokens begin with, as `claude setup-token` prints them. */
const TOKEN_PREFIX = 'sk-ant-oat';

/**
 * How the model is reached, as an environment says:
 * - Amazon Bedrock where `CLAUDE_CODE_USE_BEDROCK` is 1, with `AWS_REGION` and the profile `AWS_PROFILE`;
 * - else the Messages API, with the first of: the key or token in the file `OFFLOAD_KEY_FILE`, which only its user may
 *   read; `ANTHROPIC_API_KEY`; `CLAUDE_CODE_OAUTH_TOKEN`; at `ANTHROPIC_BASE_URL`, which may need none of them.
 * @throws OffloadError `no-access`, which says what to do and never what a variable holds
 */
export async function accessFromEnvironment(env: NodeJS.ProcessEnv): Promise<ModelAccess> {
  const value: Value = (name) => {
    const text = env[name]?.trim();
    return text === '' ? undefined : text;
  };
  if (/^(1|true)$/i.test(value('CLAUDE_CODE_USE_BEDROCK') ?? '')) {
    const region = value('AWS_REGION') ?? value('AWS_DEFAULT_REGION');
    if (region === undefined) {
      throw new OffloadError('no-access', 'No region is set for Amazon Bedrock.', { fix: 'Set AWS_REGION.' });
    }
    return checked({
      provider: 'bedrock',
      region,
      ...optional('profile', value('AWS_PROFILE')),
      ...optional('baseUrl', value('ANTHROPIC_BEDROCK_BASE_URL')),
    });
  }
  const secret = await secretOf(value);
  const baseUrl = value('ANTHROPIC_BASE_URL');
  if (secret === undefined && baseUrl === undefined) {
    throw new OffloadError('no-access', 'There is no key for the model.', {
      fix:
        'Set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN, or OFFLOAD_KEY_FILE to a file that holds one and that only ' +
        'you can read (chmod 600); for Amazon Bedrock set CLAUDE_CODE_USE_BEDROCK=1 and AWS_REGION.',
    });
  }
  return checked({ provider: 'messages', ...optional('baseUrl', baseUrl), ...secret });
}

type Value = (name: (typeof ACCESS_VARIABLES)[number]) => string | undefined;

async function secretOf(value: Value): Promise<{ key: string } | { token: string } | undefined> {
  const file = value('OFFLOAD_KEY_FILE');
  if (file !== undefined) {
    const secret = await readKeyFile(file);
    return secret.startsWith(TOKEN_PREFIX) ? { token: secret } : { key: secret };
  }
  const [key, token] = [value('ANTHROPIC_API_KEY'), value('CLAUDE_CODE_OAUTH_TOKEN')];
  if (key !== undefined) return { key };
  return token === undefined ? undefined : { token };
}

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, string>>;

/** Which variable each field of an access comes from. */
const SOURCES: Readonly<Record<string, string>> = {
  key: 'ANTHROPIC_API_KEY',
  token: 'CLAUDE_CODE_OAUTH_TOKEN',
  region: 'AWS_REGION',
  profile: 'AWS_PROFILE',
};

function checked(access: ModelAccess): ModelAccess {
  const result = accessSchema.safeParse(access);
  if (result.success) return access;
  const field = String(result.error.issues[0]?.path[0]);
  const address = access.provider === 'bedrock' ? 'ANTHROPIC_BEDROCK_BASE_URL' : 'ANTHROPIC_BASE_URL';
  const variable = SOURCES[field] ?? address;
  throw new OffloadError('no-access', `${variable} is set to something that it cannot be.`, {
    fix: `Set ${variable} right, or take it away.`,
  });
}
