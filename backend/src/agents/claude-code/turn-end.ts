import { OffloadError } from '../../../../src/protocol/error.ts';
import type { TurnEnd } from '../agent.ts';
import type { Result } from './messages.ts';

/** How a turn ended. `interrupted`: whether that was asked for. */
export function turnEnd(result: Result, interrupted: boolean): TurnEnd {
  const { subtype, is_error: isError = false, result: text = '', errors = [] } = result;
  if (subtype === 'error_max_turns') return { outcome: 'turn-limit' };
  if (interrupted && (subtype === 'error_during_execution' || isError))
    return { outcome: 'interrupted', text };
  if (subtype === 'success' && !isError) return { outcome: 'done', text };
  const said = [text, ...errors].filter((each) => each !== '').join(' ');
  return { outcome: 'failed', error: failure(subtype, said) };
}

function failure(subtype: string, said: string): OffloadError {
  const about = said === '' ? subtype : said;
  if (/\b401\b|\b403\b|invalid (x-)?api[- ]key|authentication/i.test(about)) {
    return new OffloadError('no-access', `The model does not take the key: ${about}`, {
      fix: 'Set another key.',
    });
  }
  if (/\b404\b.*model|model.*not (found|exist)|issue with the selected model/i.test(about)) {
    return new OffloadError('unknown-model', `There is no such model: ${about}`, {
      fix: 'Choose another model.',
    });
  }
  return new OffloadError('agent-failed', `Claude Code gave up: ${about}`, {
    fix: 'What it did is kept: reply to the task to go on.',
  });
}
