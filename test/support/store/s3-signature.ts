import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/**
 * What is wrong with a request's signature (Signature Version 4, in a header or in the query), as S3 names it; undefined
 * where nothing is. Written from AWS's description of the canonical request, not with the SDK that signs.
 */
export function signatureFault(
  { method = '', url = '', headers }: IncomingMessage,
  body: Buffer,
  credentials: S3Credentials,
  now = Date.now(),
): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const inQuery = searchParams.has('X-Amz-Signature');
  const claim = inQuery ? queryClaim(searchParams) : headerClaim(headers.authorization);
  if (claim === undefined) return 'AccessDenied';
  const [accessKeyId, date = '', region = '', service, end] = claim.scope.split('/');
  if (accessKeyId !== credentials.accessKeyId) return 'InvalidAccessKeyId';
  if (service !== 's3' || end !== 'aws4_request') return 'AuthorizationHeaderMalformed';
  const time = (inQuery ? searchParams.get('X-Amz-Date') : headers['x-amz-date']) ?? '';
  const token = inQuery ? searchParams.get('X-Amz-Security-Token') : headers['x-amz-security-token'];
  if ((token ?? undefined) !== credentials.sessionToken) return 'InvalidToken';
  const signedAt = Date.parse(String(time).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const seconds = inQuery ? Number(searchParams.get('X-Amz-Expires')) : 900;
  if (!(now < signedAt + seconds * 1000)) return inQuery ? 'AccessDenied' : 'RequestTimeTooSkewed';
  const payload = inQuery ? 'UNSIGNED-PAYLOAD' : String(headers['x-amz-content-sha256']);
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  // Each of S3's own headers has to be signed, else it could be added on the way.
  const open = Object.keys(headers).filter((name) => name.startsWith('x-amz-'));
  if (open.some((name) => !claim.signed.includes(name))) return 'AccessDenied';
  const canonical = [
    method,
    pathname,
    [...searchParams]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .sort()
      .join('&'),
    ...claim.signed.map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    claim.signed.join(';'),
    payload,
  ].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const key = [region, 's3', 'aws4_request'].reduce(
    (last, part) => hmac(last, part),
    hmac(`AWS4${credentials.secretAccessKey}`, date),
  );
  const text = ['AWS4-HMAC-SHA256', String(time), scope, sha256(canonical)].join('\n');
  const [given, expected] = [Buffer.from(claim.signature, 'hex'), hmac(key, text)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'SignatureDoesNotMatch';
  return undefined;
}

interface Claim {
  scope: string;
  signed: string[];
  signature: string;
}

function queryClaim(query: URLSearchParams): Claim {
  return {
    scope: query.get('X-Amz-Credential') ?? '',
    signed: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
  };
}

function headerClaim(header = ''): Claim | undefined {
  const [, scope, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(header) ?? [];
  if (scope === undefined || signed === undefined || signature === undefined) return undefined;
  return { scope, signed: signed.split(';'), signature };
}

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
