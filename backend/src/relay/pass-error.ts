import type { ServerResponse } from 'node:http';
import { OffloadError } from '../../../src/protocol/error.ts';
import { passingHeaders } from './answer-headers.ts';
import { apiError, sendApiError, type ApiError } from './api-error.ts';
import { isCertificateError, oneLine, refusalOf, unreachable, type ErrorAnswer } from './refusal.ts';
import type { RelayedRun } from './relayed-run.ts';
import type { ModelCall, UpstreamAnswer } from './upstream.ts';

/** Connections that fail in a row before nobody is held to be there. Agents wait a little longer before each. */
const MAX_FAILED_CONNECTIONS = 5;

/** Bytes of an error that are read. */
const MAX_ERROR = 64 * 1024;

/** What the box is told of a request that did not get through; tells the run of it. */
export function failedConnection(run: RelayedRun, thrown: unknown): ApiError {
  const error = unreachable(thrown, run.upstream.host);
  const final = thrown instanceof OffloadError || isCertificateError(thrown);
  if (final || run.troubles.retried(error.message) >= MAX_FAILED_CONNECTIONS) {
    run.troubles.refused(error);
    return { ...apiError(502, 'api_error', error.message), retry: false };
  }
  return apiError(502, 'api_error', error.message);
}

/** Passes an answer on that is an error, and tells the run of it. */
export async function passError(
  run: RelayedRun,
  call: ModelCall,
  answer: UpstreamAnswer,
  response: ServerResponse,
): Promise<void> {
  const text = run.redactor.redact(await beginning(answer));
  const error = readError(answer.status, text);
  const refusal =
    call.endpoint === 'messages' ? refusalOf(error, call.body.model, run.upstream.host) : undefined;
  if (refusal !== undefined) run.troubles.refused(refusal);
  else if (error.status === 429 || error.status >= 500) {
    const seconds = Number(answer.headers['retry-after'] ?? 0);
    run.troubles.retried(
      oneLine(error.type || String(error.status)),
      Number.isFinite(seconds) ? seconds * 1000 : 0,
    );
  }
  // A redirect is not followed, and no address is told.
  const status = error.status >= 400 ? error.status : 502;
  for (const [name, value] of Object.entries(passingHeaders(answer, run.redactor)))
    response.setHeader(name, value);
  const asked = answer.headers['x-should-retry'];
  const usual = apiError(status, '', '').retry && refusal === undefined;
  const retry = asked === undefined ? usual : asked === 'true';
  sendApiError(response, { status, type: error.type || 'api_error', message: error.message, retry });
}

async function beginning({ body }: UpstreamAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ERROR) break;
    }
  } catch {
    // What has come is what there is to say.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MAX_ERROR);
}

function readError(status: number, text: string): ErrorAnswer {
  try {
    const { error } = JSON.parse(text) as { error?: { type?: unknown; message?: unknown } };
    if (typeof error?.message === 'string') {
      return { status, type: typeof error.type === 'string' ? error.type : '', message: error.message };
    }
  } catch {
    // Not the API's own shape: a proxy's page, say.
  }
  return { status, type: '', message: `The model's endpoint answered with status ${String(status)}.` };
}
