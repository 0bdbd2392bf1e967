import type { ServerResponse } from 'node:http';

/** An error in the Messages API's shape. `retry` says whether the agent's own client should ask again. */
export interface ApiError {
  status: number;
  type: string;
  message: string;
  retry: boolean;
}

export const apiError = (status: number, type: string, message: string): ApiError => ({
  status,
  type,
  message,
  retry: status === 429 || status >= 500,
});

/** Its body, as the Messages API has it. */
export const errorBody = ({ type, message }: Pick<ApiError, 'type' | 'message'>): string =>
  JSON.stringify({ type: 'error', error: { type, message } });

/** Answers with an error, or cuts an answer that has begun. */
export function sendApiError(response: ServerResponse, error: ApiError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = errorBody(error);
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-should-retry': String(error.retry),
  });
  response.end(body);
}
