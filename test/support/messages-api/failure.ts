/** How a request fails. */
export type Failure =
  /** Answered with a status and an error of the Messages API's shape. */
  | { fail: 'status'; status: number; errorType: string; message: string; headers: Record<string, string> }
  /** The connection is cut before any answer. */
  | { fail: 'refuse' }
  /** The answer begins; after so many of its events the connection is cut, goes silent, or carries what is no event. */
  | { fail: 'drop' | 'stall' | 'garbage'; afterEvents: number }
  /** The answer begins; after so many of its events comes an `error` event, and the end. */
  | { fail: 'error-event'; afterEvents: number; errorType: string; message: string };

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** Any status, with the Messages API's name for it. */
export const status = (
  code: number,
  message = `scripted ${String(code)}`,
  headers: Record<string, string> = {},
): Failure => ({ fail: 'status', status: code, errorType: TYPES[code] ?? 'api_error', message, headers });

export const wrongKey = (): Failure => status(401, 'invalid x-api-key');
export const unknownModel = (model: string): Failure => status(404, `model: ${model}`);
export const serverError = (): Failure => status(500, 'Internal server error');
export const overloaded = (): Failure => status(529, 'Overloaded');
/** `retryAfterSeconds` may be 0. */
export const rateLimited = (retryAfterSeconds: number): Failure =>
  status(429, 'This request would exceed a rate limit.', { 'retry-after': String(retryAfterSeconds) });

export const refused = (): Failure => ({ fail: 'refuse' });
/** An answer has message_start as its first event, content_block_start as its second, then deltas. */
export const dropped = (afterEvents: number): Failure => ({ fail: 'drop', afterEvents });
export const stalled = (afterEvents: number): Failure => ({ fail: 'stall', afterEvents });
export const garbage = (afterEvents: number): Failure => ({ fail: 'garbage', afterEvents });
export const errorEvent = (
  afterEvents: number,
  errorType = 'overloaded_error',
  message = 'Overloaded',
): Failure => ({ fail: 'error-event', afterEvents, errorType, message });
