import { OffloadError, type ErrorCode } from '../../protocol/error.ts';
import { missingPermission } from './missing-permission.ts';

/** Where a call went, for what is said of it. */
export interface AwsPlace {
  region: string;
  profile?: string | undefined;
  /** The policy that such calls need; `deploy` where absent. */
  policy?: 'deploy' | 'use';
}

/** The place of calls that the policy "use" allows. */
export const forUse = ({ region, profile }: AwsPlace): AwsPlace => ({ region, profile, policy: 'use' });

/** What the SDK throws: an error with AWS's code as its name. */
interface Thrown extends Error {
  code?: unknown;
  hostname?: unknown;
  /** Whose fault it is, in what AWS has answered. */
  $fault?: unknown;
  /** The answer to a HEAD has a status and no code. The SDK adds its own attempts, also where nothing was answered. */
  $metadata?: { httpStatusCode?: number };
}

/** Whether an error is AWS's of one of these codes. */
export const isAwsError = (error: unknown, ...names: string[]): error is Error =>
  error instanceof Error && names.includes(error.name);

/** Whether a code of a multi-factor device was refused. */
export const isWrongCode = ({ message }: Error): boolean =>
  /MultiFactorAuthentication failed with invalid/i.test(message);

/** What the AWS SDK throws, in words and with what to do. What is none of AWS's passes: errors of ours, and of an abort. */
export function asAwsError(error: unknown, place: AwsPlace): unknown {
  if (error instanceof OffloadError || !(error instanceof Error) || error.name === 'AbortError') return error;
  const said = RULES.map((rule) => rule(error, place)).find((each) => each !== undefined);
  if (said === undefined) return isAnswer(error) ? unexpected(error) : error;
  const [code, message, fix] = said;
  return new OffloadError(code, message, { fix, cause: error });
}

const isAnswer = (error: Thrown): boolean =>
  error.$fault !== undefined || error.$metadata?.httpStatusCode !== undefined;

function unexpected(error: Thrown): OffloadError {
  const ofAws = error.$fault === 'server' || (error.$metadata?.httpStatusCode ?? 0) >= 500;
  const fix = ofAws
    ? 'The fault is on the side of AWS: try again in some minutes. https://health.aws.amazon.com/health/status says what is known of it.'
    : undefined;
  return new OffloadError('deploy-failed', `AWS answered ${error.name}: ${error.message}`, {
    fix,
    cause: error,
  });
}

type Said = readonly [code: ErrorCode, message: string, fix: string];
type Rule = (error: Thrown, place: AwsPlace) => Said | undefined;

const login = ({ profile }: AwsPlace): string =>
  `Log in again with "offload login${profile === undefined ? '' : ` --profile ${profile}`}" or the AWS CLI.`;

/** The SDK has no code of its own for a login that has run out: it says so in the message. */
const loginExpired: Rule = (error, place) => {
  const ofProvider = /^(CredentialsProviderError|TokenProviderError)$/.test(error.name);
  const sso =
    ofProvider &&
    /\b(sso|token|login session)\b/i.test(error.message) &&
    /expired|not found|invalid|refresh/i.test(error.message);
  if (!sso && !/^(ExpiredToken|ExpiredTokenException|RequestExpired|UnauthorizedException)$/.test(error.name))
    return undefined;
  return ['login-expired', 'The login to AWS has run out, or was never made.', login(place)];
};

const noCredentials: Rule = (error, { profile }) => {
  if (!/^(CredentialsProviderError|TokenProviderError)$/.test(error.name)) return undefined;
  if (/multi-factor|mfa/i.test(error.message)) {
    return [
      'no-credentials',
      'The profile needs the code of a multi-factor device.',
      'Run it where you can be asked for it.',
    ];
  }
  const why = error.message.replace(/\.?$/, '.');
  if (profile === undefined) {
    return [
      'no-credentials',
      'There are no AWS credentials.',
      'Name a profile of ~/.aws/config with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    ];
  }
  return [
    'no-credentials',
    `The profile ${JSON.stringify(profile)} gives no AWS credentials: ${why}`,
    'Look into ~/.aws/config, or name another one.',
  ];
};

const wrongCode: Rule = (error) =>
  isWrongCode(error)
    ? [
        'no-credentials',
        'The code of the multi-factor device was wrong, or was used already.',
        'Try again with the next code that it shows.',
      ]
    : undefined;

const unknownCredentials: Rule = ({ name }, { region }) =>
  /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|InvalidToken|AuthFailure)$/.test(
    name,
  )
    ? [
        'no-credentials',
        `AWS does not know these credentials in ${region}.`,
        'Check them, and that the region is switched on for the account.',
      ]
    : undefined;

const clock: Rule = ({ name, message }) =>
  name === 'RequestTimeTooSkewed' ||
  name === 'RequestInTheFuture' ||
  /Signature (expired|not yet current)/.test(message)
    ? [
        'unauthorized',
        "AWS refused the call: this machine's clock is wrong.",
        'Set the clock right and try again.',
      ]
    : undefined;

const signature: Rule = ({ name }) =>
  /^(SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|IncompleteSignatureException)$/.test(
    name,
  )
    ? [
        'no-credentials',
        'AWS refused the signature: the secret key does not belong to the access key.',
        'Check the credentials.',
      ]
    : undefined;

const permission: Rule = ({ name, message, $metadata }, { policy = 'deploy' }) => {
  const missing = missingPermission(message);
  if (
    !/^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden|403)$/.test(name) &&
    $metadata?.httpStatusCode !== 403 &&
    missing === undefined
  ) {
    return undefined;
  }
  if (missing === undefined) {
    return [
      'no-permission',
      `AWS refused the call: ${message}`,
      'These credentials may not do it, or what is asked for belongs to another account.',
    ];
  }
  return [
    'no-permission',
    `These AWS credentials may not do ${missing}.`,
    `Ask for the permissions that "offload policy ${policy}" prints.`,
  ];
};

const throttled: Rule = ({ name }) =>
  /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|SlowDown|RequestThrottled)$/.test(
    name,
  )
    ? ['busy', 'AWS takes no more calls of this account just now.', 'Try again in a minute.']
    : undefined;

const buildQuota: Rule = ({ name, message }) =>
  name === 'AccountLimitExceededException'
    ? [
        'quota-reached',
        `AWS CodeBuild starts no build in this account: ${message}`,
        'New accounts may have none at once: open Service Quotas, AWS CodeBuild, "Concurrently running builds", and ask for 1.',
      ]
    : undefined;

const quota: Rule = ({ name, message }) =>
  name.includes('LimitExceeded')
    ? [
        'quota-reached',
        `A limit of the AWS account is reached: ${message}`,
        'Raise it under Service Quotas, or remove what is not used.',
      ]
    : undefined;

/** CloudFormation says of a type that a region lacks that it does not know it. */
const notInRegion: Rule = ({ message }, { region }) =>
  /Unrecognized resource types|not (supported|available) in (this|the \S+) region/i.test(message)
    ? [
        'not-supported',
        `The region ${region} lacks what the backend is made of: ${message}`,
        'Deploy to another region.',
      ]
    : undefined;

const noAddress: Rule = ({ code, hostname, message }, { region }) => {
  if (code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') return undefined;
  const host = typeof hostname === 'string' ? hostname : message;
  return [
    'aws-unreachable',
    `There is no address ${host}.`,
    `Check that ${JSON.stringify(region)} is a region that has the service, and the network.`,
  ];
};

const unreachable: Rule = ({ name, code, message }) =>
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|EPROTO|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_SSL_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(
    String(code),
  ) || name === 'TimeoutError'
    ? [
        'aws-unreachable',
        `AWS cannot be reached: ${message}`,
        'Check the network and the proxy, and try again.',
      ]
    : undefined;

const RULES: readonly Rule[] = [
  loginExpired,
  wrongCode,
  noCredentials,
  unknownCredentials,
  clock,
  signature,
  permission,
  throttled,
  buildQuota,
  quota,
  notInRegion,
  noAddress,
  unreachable,
];
