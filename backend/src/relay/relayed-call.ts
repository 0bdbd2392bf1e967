import type { ServerResponse } from 'node:http';
import { OffloadError } from '../../../src/protocol/error.ts';
import { AnswerUsage } from './answer-usage.ts';
import { apiError, sendApiError } from './api-error.ts';
import { estimateInputTokens } from './estimate.ts';
import { passAnswer } from './pass-answer.ts';
import { priceOf, regionalFactor } from './prices.ts';
import type { RelayedRun } from './relayed-run.ts';
import { clamped } from './request-body.ts';
import { NO_TOKENS, USUAL_TERMS } from './tokens.ts';
import type { ModelCall } from './upstream.ts';

/** Where a request that does not say has its limit: what models write at most. */
const MAX_OUTPUT = 128_000;

/** Sends a request on, passes its answer back as it comes, and counts what it took. Aborted when the box or the run goes. */
export async function relayCall(
  run: RelayedRun,
  call: ModelCall,
  bytes: number,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (call.endpoint === 'count_tokens') {
    await passAnswer(run, call, response, signal, () => undefined);
    return;
  }
  const inputTokens = estimateInputTokens(call.body, bytes);
  const reservation = await run.ledger.reserve(
    {
      price: priceOf(call.body.model),
      factor: run.bedrock ? regionalFactor(call.body.model) : 1,
      inputTokens,
      maxTokens: call.body.max_tokens ?? MAX_OUTPUT,
      terms: {
        fast: call.body['speed'] === 'fast',
        usOnly: call.body['inference_geo'] === 'us',
        webSearches: 0,
      },
    },
    signal,
  );
  if (reservation === undefined) {
    const error = new OffloadError(
      'budget-reached',
      'What is left of the budget does not cover another request.',
      { fix: 'Give the task a larger budget.' },
    );
    run.troubles.refused(error);
    sendApiError(response, apiError(402, 'billing_error', `${error.message} The task ends here.`));
    return;
  }
  let usage: AnswerUsage | undefined;
  try {
    const body = clamped(call.body, reservation.maxTokens);
    await passAnswer(run, { ...call, body }, response, signal, (streamed) => {
      usage = new AnswerUsage(streamed);
      return usage;
    });
  } finally {
    usage?.end();
    // Who leaves before the answer has begun may have to pay for what was sent.
    const sentAlone = usage === undefined && signal.aborted;
    if (usage !== undefined || sentAlone) {
      const tokens = usage?.tokens ?? { ...NO_TOKENS };
      if (usage?.hasInput !== true) tokens.input = inputTokens;
      reservation.settle({ tokens, terms: usage?.terms ?? USUAL_TERMS });
      run.onUsage(run.ledger.usage);
    } else {
      reservation.settle();
    }
  }
}
