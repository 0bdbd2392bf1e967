import { OffloadError } from '../../../../src/protocol/error.ts';
import { errorDetailSchema, errorSchema } from './messages.ts';

/** The protocol's own code for an agent that wants its user to sign in. */
const AUTH_REQUIRED = -32000;

/** An error that an agent answers a request with, in our words; anything else thrown as it is. */
export function requestFailure(agent: string, thrown: unknown): unknown {
  const error = errorSchema.safeParse(thrown).data;
  if (error === undefined || thrown instanceof OffloadError) return thrown;
  const details = errorDetailSchema.safeParse(error.data).data?.details;
  const about = details === undefined ? error.message : `${error.message}: ${details}`;
  if (error.code === AUTH_REQUIRED) {
    return new OffloadError('no-access', `${agent} wants its user to sign in: ${about}`, {
      fix: 'Have it take its key from ANTHROPIC_API_KEY and its address from ANTHROPIC_BASE_URL.',
      cause: thrown,
    });
  }
  if (/\b401\b|\b403\b|invalid (x-)?api[- ]key|authentication/i.test(about)) {
    return new OffloadError('no-access', `The model does not take the key: ${about}`, {
      fix: 'Set another key.',
      cause: thrown,
    });
  }
  if (/\b404\b.*model|model.*not (found|exist)/i.test(about)) {
    return new OffloadError('unknown-model', `There is no such model: ${about}`, {
      fix: 'Choose another model.',
      cause: thrown,
    });
  }
  return new OffloadError('agent-failed', `${agent} gave up: ${about}`, {
    fix: 'What it did is kept: reply to the task to go on.',
    cause: thrown,
  });
}
