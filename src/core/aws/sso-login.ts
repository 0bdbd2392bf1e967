import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { REGION_NAME } from '../../protocol/aws-names.ts';
import { OffloadError } from '../../protocol/error.ts';
import { writeWhole } from '../write-whole.ts';

/** What a person opens and confirms to log in. */
export interface SsoPrompt {
  /** An address with the code in it. */
  url: string;
  /** The code that is shown there too, to compare. */
  code: string;
}

export interface SsoLoginInput {
  profile: string;
  /** Shows the prompt; the login waits meanwhile. */
  show: (prompt: SsoPrompt) => void;
  signal: AbortSignal;
}

/** Where a profile logs in. */
interface SsoPlace {
  startUrl: string;
  region: string;
  /** What the token is kept under: the session's name, or the start address. */
  name: string;
  scopes: string[];
}

const clientSchema = z.object({
  clientId: z.string(),
  clientSecret: z.string(),
  clientSecretExpiresAt: z.optional(z.number()),
});
const promptSchema = z.object({
  deviceCode: z.string(),
  userCode: z.string(),
  verificationUriComplete: z.string().check(z.regex(/^https?:\/\//)),
  expiresIn: z.number(),
  interval: z.optional(z.number()),
});
const tokenSchema = z.object({
  accessToken: z.string(),
  expiresIn: z.number(),
  refreshToken: z.optional(z.string()),
});
const failureSchema = z.object({ error: z.optional(z.string()), error_description: z.optional(z.string()) });

/** Seconds between questions where the service names no other (IAM Identity Center OIDC API, CreateToken). */
const INTERVAL = 5;

/**
 * Logs a profile in to IAM Identity Center, as `aws sso login` does, and keeps the token where the AWS SDK and the AWS CLI
 * look for it. The person confirms in a browser.
 * @throws OffloadError `bad-setting` for a profile without a login, `login-expired` where it was refused or took too long,
 * `aws-unreachable`; the signal's reason
 */
export async function ssoLogin({ profile, show, signal }: SsoLoginInput): Promise<void> {
  const place = await ssoPlace(profile);
  const ask = <T>(path: string, body: object, schema: z.ZodMiniType<T>): Promise<T | Failure> =>
    askService(place.region, path, body, schema, signal);
  const client = granted(
    await ask(
      'client/register',
      { clientName: 'offload', clientType: 'public', scopes: place.scopes },
      clientSchema,
    ),
  );
  const { clientId, clientSecret } = client;
  const prompt = granted(
    await ask('device_authorization', { clientId, clientSecret, startUrl: place.startUrl }, promptSchema),
  );
  show({ url: prompt.verificationUriComplete, code: prompt.userCode });
  const deadline = Date.now() + prompt.expiresIn * 1000;
  let interval = prompt.interval ?? INTERVAL;
  for (;;) {
    await sleep(interval * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
    const answer = await ask(
      'token',
      {
        clientId,
        clientSecret,
        deviceCode: prompt.deviceCode,
        grantType: 'urn:ietf:params:oauth:grant-type:device_code',
      },
      tokenSchema,
    );
    if (answer instanceof Failure && answer.code === 'slow_down') interval += INTERVAL;
    else if (!(answer instanceof Failure && answer.code === 'authorization_pending')) {
      await keepToken(place, client, granted(answer));
      return;
    }
    if (Date.now() > deadline) {
      throw new OffloadError('login-expired', 'Nobody confirmed the login in time.', {
        fix: 'Log in once more, and confirm it in the browser.',
      });
    }
  }
}

/** A refusal, by its code of OAuth's. */
class Failure {
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

function granted<T>(answer: T | Failure): T {
  if (!(answer instanceof Failure)) return answer;
  throw new OffloadError('login-expired', `The login was refused: ${answer.message}`, {
    fix: 'Log in once more.',
  });
}

async function ssoPlace(profile: string): Promise<SsoPlace> {
  const { loadSharedConfigFiles, loadSsoSessionData } = await import('./sdk/config.ts');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const settings = loggingIn(profile, (name) => ({ ...configFile[name], ...credentialsFile[name] }));
  const session = settings?.['sso_session'];
  const from = session === undefined ? settings : (await loadSsoSessionData())[session];
  const startUrl = from?.['sso_start_url'];
  const region = from?.['sso_region'];
  if (startUrl === undefined || region === undefined || !REGION_NAME.test(region)) {
    throw new OffloadError(
      'bad-setting',
      `The profile ${JSON.stringify(profile)} has no login of IAM Identity Center.`,
      {
        fix: 'Name one with sso_session, or sso_start_url and sso_region, in ~/.aws/config.',
      },
    );
  }
  const scopes = from?.['sso_registration_scopes']?.split(',').map((scope) => scope.trim()) ?? [];
  return { startUrl, region, name: session ?? startUrl, scopes: session === undefined ? [] : scopes };
}

/** What says where a profile logs in: its own settings, or those of the profile that its role is taken with. */
function loggingIn(
  profile: string,
  settingsOf: (profile: string) => Partial<Record<string, string>>,
): Partial<Record<string, string>> | undefined {
  const seen = new Set<string>();
  let name: string | undefined = profile;
  while (name !== undefined && !seen.has(name)) {
    seen.add(name);
    const settings = settingsOf(name);
    if (settings['sso_session'] !== undefined || settings['sso_start_url'] !== undefined) return settings;
    name = settings['source_profile'];
  }
  return undefined;
}

async function askService<T>(
  region: string,
  path: string,
  body: object,
  schema: z.ZodMiniType<T>,
  signal: AbortSignal,
): Promise<T | Failure> {
  const base =
    process.env['AWS_ENDPOINT_URL_SSO_OIDC'] ??
    process.env['AWS_ENDPOINT_URL'] ??
    `https://oidc.${region}.amazonaws.com`;
  let text: string;
  let ok: boolean;
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${base}/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
    });
    ok = response.ok;
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw new OffloadError('aws-unreachable', `The login service of ${region} cannot be reached.`, {
      fix: 'Check the network, and sso_region in ~/.aws/config.',
      cause,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (ok) return schema.parse(value);
    const { error = 'refused', error_description = error } = failureSchema.parse(value);
    return new Failure(error, error_description);
  } catch (cause) {
    throw new OffloadError(
      'aws-unreachable',
      `The login service of ${region} gave an answer that cannot be read.`,
      { fix: 'Check the proxy, if there is one, and try again.', cause },
    );
  }
}

/** As the AWS CLI keeps it, for this user alone. */
async function keepToken(
  { startUrl, region, name }: SsoPlace,
  client: z.infer<typeof clientSchema>,
  token: z.infer<typeof tokenSchema>,
): Promise<void> {
  const { getSSOTokenFilepath } = await import('./sdk/config.ts');
  const path = getSSOTokenFilepath(name);
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const kept = {
    startUrl,
    region,
    accessToken: token.accessToken,
    expiresAt: time(Date.now() / 1000 + token.expiresIn),
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    ...(client.clientSecretExpiresAt === undefined
      ? {}
      : { registrationExpiresAt: time(client.clientSecretExpiresAt) }),
    ...(token.refreshToken === undefined ? {} : { refreshToken: token.refreshToken }),
  };
  await writeWhole(path, JSON.stringify(kept));
}
