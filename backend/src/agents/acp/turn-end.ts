import { OffloadError } from '../../../../src/protocol/error.ts';
import type { TurnEnd } from '../agent.ts';

const GO_ON = 'What it did is kept: reply to the task to go on.';

/**
 * How a turn ended.
 * @param reason the protocol's `stopReason`
 * @param text what the agent said last
 */
export function turnEnd(agent: string, reason: string, text: string): TurnEnd {
  const failed = (what: string): TurnEnd => ({
    outcome: 'failed',
    error: new OffloadError('agent-failed', `${agent} stopped: ${what}.`, { fix: GO_ON }),
  });
  switch (reason) {
    case 'end_turn':
      return { outcome: 'done', text };
    case 'cancelled':
      return { outcome: 'interrupted', text };
    case 'max_turn_requests':
      return { outcome: 'turn-limit' };
    case 'max_tokens':
      return failed('the answer was longer than the model may give');
    case 'refusal':
      return failed('the model refuses to go on with this');
    default:
      return failed(`it gives the reason ${JSON.stringify(reason.slice(0, 100))}`);
  }
}
