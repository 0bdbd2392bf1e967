import type { ServerResponse } from 'node:http';

/**
 * An error that the service answers with, instead of invoking. The codes and texts are AWS's as public reports
 * quote them; only an AWS account can settle each text.
 */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  readonly #body: Readonly<Record<string, string>>;

  constructor(code: string, status: number, body: Readonly<Record<string, string>>) {
    super(body['message'] ?? body['Message'] ?? code);
    this.code = code;
    this.status = status;
    this.#body = body;
  }

  /** Answers the request with this error, in the shape of AWS's rest-json protocol. */
  send(response: ServerResponse): void {
    const body = JSON.stringify(this.#body);
    response.writeHead(this.status, {
      'x-amzn-ErrorType': this.code,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }
}

/** A refusal at the door: no signature, a wrong one, or one that is too old. */
export function refused(code: string, message: string): ServiceError {
  return new ServiceError(code, 403, { message });
}

export function functionNotFound(arn: string): ServiceError {
  const Message = `Function not found: ${arn}`;
  return new ServiceError('ResourceNotFoundException', 404, { Type: 'User', Message });
}

export function tooManyRequests(): ServiceError {
  const Reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
  return new ServiceError('TooManyRequestsException', 429, {
    Reason,
    Type: 'User',
    message: 'Rate Exceeded.',
  });
}

export function requestTooLarge(limit: number): ServiceError {
  const Message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
  return new ServiceError('RequestEntityTooLargeException', 413, { Type: 'User', Message });
}

export function payloadNotJson(cause: string): ServiceError {
  const Message = `Could not parse request body into json: Could not parse payload into json: ${cause}`;
  return new ServiceError('InvalidRequestContentException', 400, { Type: 'User', Message });
}

/** A parameter that AWS refuses, or one that it would take and this endpoint does not emulate. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', 400, { Type: 'User', message });
}

export function unknownOperation(): ServiceError {
  return new ServiceError('UnknownOperationException', 404, { message: 'Unknown operation' });
}
