import type { Writable } from 'node:stream';
import * as z from 'zod/mini';
import { asOffloadError, ERROR_KINDS, OffloadError } from '../../../src/protocol/error.ts';
import { addressesRequestSchema, BODY_HEADER } from '../../../src/protocol/lambda.ts';
import { hasBegun, httpAnswer, written } from '../function-handler.ts';
import { addressesFor } from './addresses.ts';
import type { ControlServices } from './control-services.ts';
import type { Control } from './control.ts';
import { passToModel } from './model-requests.ts';
import { readToken } from './run-token.ts';

/** A request at a function's URL, as Lambda tells of it (payload format 2.0). */
const urlEventSchema = z.object({
  version: z.literal('2.0'),
  rawPath: z.string(),
  rawQueryString: z.optional(z.string()),
  headers: z.record(z.string(), z.string()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});
export type UrlEvent = z.infer<typeof urlEventSchema>;

/** Whether an event is a request at the function's URL, which anybody may make. Nothing in its body can hide that. */
export const isUrlEvent = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'requestContext' in event;

/**
 * Answers the runner, who shows the token of its run; nobody else gets anything.
 * @throws what an answer that has begun was broken off by
 */
export async function answerUrl(
  event: unknown,
  response: Writable,
  control: Control,
  services: ControlServices,
): Promise<void> {
  try {
    const request = urlEventSchema.parse(event);
    const { signing } = await services.secret();
    const token = request.headers['x-offload-token'] ?? request.headers['x-api-key'] ?? '';
    const claims = readToken(signing, token, Date.now());
    const route = `${request.requestContext.http.method} ${request.rawPath}`;
    if (route === 'POST /addresses') {
      const { wants } = parsed(addressesRequestSchema, bodyOf(request));
      await answerJson(response, 200, { addresses: await addressesFor(services.store, claims, wants) });
    } else if (route === 'POST /end') {
      await control.finish(claims.run);
      await answerJson(response, 200, {});
    } else if (route === 'POST /continue') {
      await control.leave(claims);
      await answerJson(response, 200, {});
    } else if (request.rawPath.startsWith(MODEL)) {
      const query = request.rawQueryString ?? '';
      const path = request.rawPath.slice(MODEL.length) + (query === '' ? '' : `?${query}`);
      const { method } = request.requestContext.http;
      const call = { method, path, headers: passedOn(request.headers), body: bodyOf(request) };
      const stored = request.headers[BODY_HEADER];
      await passToModel(services, claims, call, stored, response);
    } else throw new OffloadError('bad-request', `There is nothing at ${route}.`);
  } catch (thrown) {
    // What is cut is seen to be cut.
    if (hasBegun(response)) throw thrown;
    const error = thrown instanceof z.core.$ZodError ? badRequest(thrown) : asOffloadError(thrown);
    await answerJson(response, ERROR_KINDS[error.code].status, { error: error.toWire() });
  }
}

/** Where the model is, as the Messages API has it below this. */
const MODEL = '/model';

/** What a request says of itself; neither the token nor what Lambda has added. */
const passedOn = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(anthropic-|content-type$|accept$|user-agent$)/.test(name)),
  );

const badRequest = (cause: unknown) =>
  new OffloadError('bad-request', 'The request is not valid.', { cause });

function parsed<T extends z.ZodMiniType>(schema: T, body: Buffer): z.infer<T> {
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch (cause) {
    throw badRequest(cause);
  }
}

const bodyOf = ({ body = '', isBase64Encoded = false }: UrlEvent): Buffer =>
  Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');

async function answerJson(response: Writable, status: number, body: object): Promise<void> {
  const answer = httpAnswer(response, status, { 'content-type': 'application/json' });
  await written(answer, JSON.stringify(body));
  answer.end();
}
