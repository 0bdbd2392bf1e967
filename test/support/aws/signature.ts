import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest, parseQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { clockSkewLimit } from '../lambda/limits.ts';
import { refused } from '../../../src/core/lambda-local/service-error.ts';
import type { Credentials } from '../lambda/types.ts';

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Who may call, and where. `now` is in milliseconds since 1970. */
export interface Door {
  readonly credentials: Credentials;
  readonly region: string;
  /** Default: lambda. */
  readonly service?: string;
  now(): number;
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
  'Key and signing method. Consult the service documentation for details.';

/** Lets a request in that is signed (Signature Version 4) with the door's key, or throws AWS's refusal. */
export async function checkSignature(request: SignedRequest, door: Door): Promise<void> {
  const claim = readAuthorization(request.headers.authorization);
  checkIdentity(claim, request.headers, door);
  const signedAt = readDate(request.headers['x-amz-date'], claim.date);
  checkAge(signedAt, door.now());
  checkCoverage(claim.signedHeaders, request.headers);
  const expected = Buffer.from(await signAgain(request, claim, signedAt, door.credentials));
  const given = Buffer.from(claim.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw refused('InvalidSignatureException', mismatch);
  }
}

interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function readAuthorization(header: string | undefined): Claim {
  if (header === undefined) {
    throw refused('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, accessKeyId, date, region, service, signedHeaders, signature] = match ?? [];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) {
    throw refused(
      'IncompleteSignatureException',
      'Authorization header is not of the form that AWS asks for.',
    );
  }
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

function checkIdentity(claim: Claim, headers: IncomingHttpHeaders, door: Door): void {
  const { credentials, region, service = 'lambda' } = door;
  const known = claim.accessKeyId === credentials.accessKeyId;
  if (!known || headers['x-amz-security-token'] !== credentials.sessionToken) {
    throw refused('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (claim.region !== region) {
    const message = `Credential should be scoped to a valid region, not '${claim.region}'.`;
    throw refused('InvalidSignatureException', message);
  }
  if (claim.service !== service) {
    const message = `Credential should be scoped to correct service: '${service}'.`;
    throw refused('InvalidSignatureException', message);
  }
}

/** Milliseconds since 1970 of a header like 20261120T213400Z. */
function readDate(header: string | string[] | undefined, scope: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(typeof header === 'string' ? header : '');
  if (!match) throw refused('IncompleteSignatureException', 'Date must be in ISO-8601 basic format.');
  const [, year, month, day, hour, minute, second] = match;
  if (`${year}${month}${day}` !== scope) {
    throw refused(
      'InvalidSignatureException',
      'Date in Credential scope does not match YYYYMMDD from ISO-8601.',
    );
  }
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function checkAge(signedAt: number, now: number): void {
  const [signed, here] = [basicDate(signedAt), basicDate(now)];
  if (signedAt < now - clockSkewLimit) {
    const limit = basicDate(now - clockSkewLimit);
    const message = `Signature expired: ${signed} is now earlier than ${limit} (${here} - 5 min.)`;
    throw refused('InvalidSignatureException', message);
  }
  if (signedAt > now + clockSkewLimit) {
    const limit = basicDate(now + clockSkewLimit);
    const message = `Signature not yet current: ${signed} is still later than ${limit} (${here} + 5 min.)`;
    throw refused('InvalidSignatureException', message);
  }
}

function basicDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** AWS wants the host and each of its own headers signed, else they could be changed on the way. */
function checkCoverage(signed: readonly string[], headers: IncomingHttpHeaders): void {
  const wanted = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const open = wanted.filter((name) => !signed.includes(name));
  if (open.length > 0) {
    const message = `There were headers present in the request which were not signed: ${open.join(', ')}`;
    throw refused('InvalidSignatureException', message);
  }
}

/** The signature that this request has when it is signed with the door's key, from what arrived alone. */
async function signAgain(
  request: SignedRequest,
  claim: Claim,
  signedAt: number,
  key: Credentials,
): Promise<string> {
  const [path = '/', query = ''] = request.target.split(/\?(.*)/s);
  const headers: Record<string, string> = {};
  for (const name of claim.signedHeaders) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  // The hash that the caller states stands in the canonical request: the true one takes its place.
  if (headers['x-amz-content-sha256'] !== undefined) {
    headers['x-amz-content-sha256'] = await hash(request.body);
  }
  const signer = new SignatureV4({
    credentials: key,
    region: claim.region,
    service: claim.service,
    sha256: Sha256,
    // Without this a header that the caller did not sign would be added.
    applyChecksum: false,
  });
  const signed = await signer.sign(
    new HttpRequest({
      method: request.method,
      path,
      query: parseQueryString(query),
      headers,
      body: request.body,
    }),
    { signingDate: new Date(signedAt), signableHeaders: new Set(claim.signedHeaders) },
  );
  return /Signature=([0-9a-f]{64})/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
}

async function hash(body: Uint8Array): Promise<string> {
  const sha256 = new Sha256();
  sha256.update(body);
  return Buffer.from(await sha256.digest()).toString('hex');
}
