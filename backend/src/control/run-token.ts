import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';
import { accessSchema, type ModelAccess } from '../../../src/protocol/access.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { runIdSchema } from '../../../src/protocol/id.ts';
import { tenantSchema } from '../../../src/protocol/lambda.ts';

const claimsSchema = z.object({
  run: runIdSchema,
  tenant: tenantSchema,
  epoch: z.int(),
  /** Milliseconds since 1970. */
  expires: z.number(),
  /** The way to the model that the request brought, for control's eyes alone. */
  sealed: z.optional(z.string()),
});
type Claims = z.infer<typeof claimsSchema>;

/** What a run's token says, and the way to the model that it carries. */
export interface RunClaims extends Omit<Claims, 'sealed'> {
  access: ModelAccess | undefined;
}

/** A token for the runner of a run: it can show it, and neither make another one nor read what is sealed in it. */
export function issueToken(signing: string, { access, ...claims }: RunClaims): string {
  const sealed = access === undefined ? {} : { sealed: sealAccess(signing, access) };
  const body = Buffer.from(JSON.stringify({ ...claims, ...sealed })).toString('base64url');
  return `${body}.${signatureOf(signing, body).toString('base64url')}`;
}

/** @throws OffloadError `unauthorized` for a token that is none of ours, or over */
export function readToken(signing: string, token: string, now: number): RunClaims {
  const [body = '', signature = ''] = token.split('.');
  const [given, expected] = [Buffer.from(signature, 'base64url'), signatureOf(signing, body)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused();
  const { sealed, ...claims } = claimsSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  if (claims.expires <= now) throw refused();
  return { ...claims, access: sealed === undefined ? undefined : openAccess(signing, sealed) };
}

const refused = () => new OffloadError('unauthorized', 'The token of the run is not valid, or not any more.');

const signatureOf = (signing: string, body: string): Buffer =>
  createHmac('sha256', signing).update(`token ${body}`).digest();

const sealingKey = (signing: string): Buffer => createHmac('sha256', signing).update('seal').digest();

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** As it is sealed in a token: for what control keeps for itself. */
export function sealAccess(signing: string, access: ModelAccess): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey(signing), nonce);
  const content = Buffer.concat([cipher.update(JSON.stringify(access)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64url');
}

/** What {@link sealAccess} has sealed. */
export function openAccess(signing: string, sealed: string): ModelAccess {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(CIPHER, sealingKey(signing), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const content = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
  return accessSchema.parse(JSON.parse(Buffer.concat([content, decipher.final()]).toString()));
}
