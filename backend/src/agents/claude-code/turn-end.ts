import { OffloadError } from '../../../../src/protocol/error.ts';
import type { TurnEnd } from '../agent.ts';
import type { Result } from './messages.ts';

const KEPT = 'What it did is kept: reply to the task to go on.';

/** How a turn ended. `interrupting`: whether that was asked for. */
export function turnEnd(result: Result, interrupting: boolean): TurnEnd {
  const { subtype, is_error: isError = false, result: text = '', errors = [] } = result;
  if (subtype === 'error_max_turns') return { outcome: 'turn-limit' };
  if (subtype === 'success' && !isError) return { outcome: 'done', text };
  const wasStopped = interrupting || (result.terminal_reason ?? '').startsWith('aborted');
  if (wasStopped && typeof result.api_error_status !== 'number') return { outcome: 'interrupted', text };
  const said = [text, ...errors].filter((each) => each !== '').join(' ');
  return { outcome: 'failed', error: failure(result, said === '' ? subtype : said) };
}

/** A turn that calls itself a success, though it was permitted none of the tools that it used. */
export const refusedAll = (tools: readonly string[]): TurnEnd => ({
  outcome: 'failed',
  error: new OffloadError(
    'agent-failed',
    `Claude Code was refused every tool that it wanted to use: ${tools.join(', ')}.`,
    {
      fix: 'See what the workspace denies in its ".claude/settings.json" (permissions, hooks), and ask again.',
    },
  ),
});

/** Why the model gave no answer, by the status that its endpoint answered with; else by what Claude Code says of it. */
function failure({ api_error_status: status, stop_reason: stop }: Result, said: string): OffloadError {
  if (status === 401 || status === 403) {
    return new OffloadError('no-access', `The model does not take the key: ${said}`, {
      fix: 'Set another key.',
    });
  }
  if (status === 402) {
    return new OffloadError('budget-reached', `The model answers no more: ${said}`, {
      fix: `Allow a larger budget. ${KEPT}`,
    });
  }
  if (status === 404) {
    return new OffloadError('unknown-model', `There is no such model: ${said}`, {
      fix: 'Choose another model.',
    });
  }
  if (status === 429 || (status ?? 0) >= 500 || UNREACHABLE.test(said)) {
    return new OffloadError('model-unreachable', `The model did not answer: ${said}`, { fix: KEPT });
  }
  const fix = stop === 'refusal' ? 'Say it in other words, or choose another model.' : KEPT;
  return new OffloadError('agent-failed', `Claude Code gave up: ${said}`, { fix });
}

/** Its own words where there was no answer at all. */
const UNREACHABLE = /^API Error: (Unable to connect|Connection|Request timed out)/;
