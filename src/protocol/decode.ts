import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { isKnownItem } from './agent-item.ts';
import { OffloadError } from './error.ts';
import { anyEventSchema, isKnownType, knownEventSchema, type RunEvent } from './event.ts';
import { requestSchema, type Request } from './request.ts';
import { OLDEST_UNDERSTOOD_VERSION, PROTOCOL_VERSION } from './version.ts';

// zod/mini words no messages of its own.
z.config(en());

/**
 * Parses a frame as an event of a run. A kind that this side does not know is kept as it is.
 * @throws OffloadError `bad-frame` for anything else.
 */
export function parseEvent(frame: object): RunEvent {
  const any = anyEventSchema.safeParse(frame);
  if (!any.success) throw unreadable(any.error);
  if (!isKnownType(any.data.type) || hasUnknownItem(any.data)) {
    return { type: 'unknown', seq: any.data.seq, time: any.data.time, frame: any.data };
  }
  const known = knownEventSchema.safeParse(frame);
  if (!known.success) throw unreadable(known.error);
  return known.data;
}

/** An agent's item of a kind that this side does not know makes the whole event one. */
const hasUnknownItem = ({ type, item }: Record<string, unknown>): boolean =>
  type === 'agent' && !isKnownItem(item);

const unreadable = (error: z.core.$ZodError) =>
  new OffloadError('bad-frame', `The backend sent an event that cannot be read: ${why(error)}.`);

/**
 * Parses a request as it came in.
 * @throws OffloadError `unsupported-version` or `bad-request`, naming the field and what is wrong with it.
 */
export function parseRequest(input: unknown): Request {
  const version =
    typeof input === 'object' && input !== null && 'version' in input ? input.version : undefined;
  if (typeof version === 'number' && (version > PROTOCOL_VERSION || version < OLDEST_UNDERSTOOD_VERSION)) {
    throw new OffloadError(
      'unsupported-version',
      `The request speaks protocol ${String(version)}; this backend understands ${String(OLDEST_UNDERSTOOD_VERSION)} to ${String(PROTOCOL_VERSION)}.`,
      { fix: 'Update Offload on the side that is older.' },
    );
  }
  const result = requestSchema.safeParse(input);
  if (result.success) return result.data;
  throw new OffloadError('bad-request', `The request is not valid: ${why(result.error)}.`);
}

/** The first thing that a schema found wrong, with the place. */
export function why(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'unknown reason';
  const place = issue.path.map(String).join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}

/**
 * Parses a frame as the reply that a request calls for.
 * @throws OffloadError `bad-frame` for anything else.
 */
export function parseReply<T extends z.ZodMiniType>(schema: T, frame: object): z.infer<T> {
  const result = schema.safeParse(frame);
  if (result.success) return result.data;
  throw new OffloadError('bad-frame', `The backend sent a reply that cannot be read: ${why(result.error)}.`);
}
