import type { ServerResponse } from 'node:http';
import type { AnswerUsage } from './answer-usage.ts';
import { passingHeaders } from './answer-headers.ts';
import { sendApiError } from './api-error.ts';
import { failedConnection, passError } from './pass-error.ts';
import { oneLine, unreachable } from './refusal.ts';
import type { RelayedRun } from './relayed-run.ts';
import type { ModelCall, UpstreamAnswer } from './upstream.ts';

/** Sends a request on and passes its answer back; `reader` makes what reads an answer's usage, when one begins. */
export async function passAnswer(
  run: RelayedRun,
  call: ModelCall,
  response: ServerResponse,
  signal: AbortSignal,
  reader: (streamed: boolean) => AnswerUsage | undefined,
): Promise<void> {
  let answer: UpstreamAnswer;
  try {
    answer = await run.upstream.send(call, signal);
  } catch (thrown) {
    if (!signal.aborted) sendApiError(response, failedConnection(run, thrown));
    return;
  }
  if (answer.status !== 200) {
    await passError(run, call, answer, response);
    return;
  }
  run.troubles.answered();
  const streamed = /^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '');
  const usage = reader(streamed);
  response.writeHead(200, passingHeaders(answer, run.redactor));
  response.flushHeaders();
  try {
    await pipeThrough(answer, response, (chunk) => usage?.push(chunk));
    if (usage?.error) run.troubles.retried(run.redactor.redact(oneLine(usage.error.type)));
  } catch (thrown) {
    if (!signal.aborted) run.troubles.retried(unreachable(thrown, run.upstream.host).message);
    response.destroy();
  }
}

/** Passes bytes on as they come, no faster than the reader takes them, until the upstream ends them. */
function pipeThrough(
  { body }: UpstreamAnswer,
  response: ServerResponse,
  seen: (chunk: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      if (!response.write(chunk)) {
        body.pause();
        response.once('drain', () => body.resume());
      }
      seen(chunk);
    });
    body.once('error', reject);
    body.once('end', () => response.end());
    body.once('close', () => {
      if (body.readableEnded) resolve();
      else reject(Object.assign(new Error('the answer was cut'), { code: 'ECONNRESET' }));
    });
  });
}
