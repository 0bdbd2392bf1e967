import type { RunState } from '../../core/run/state.ts';
import { runCost } from '../../core/targets/cost.ts';
import { costText } from '../../protocol/usage.ts';
import { counted, size } from '../counted.ts';
import { duration } from '../duration.ts';
import { usageWords } from '../model-usage.ts';
import { editorWords } from '../report/editor-words.ts';
import { plainText } from '../plain-text.ts';
import { bold, dim, FRESH, green, oneLine, red, underline, yellow } from './paint.ts';

/** Texts in the terminal that are links to a command of ours. */
export const ACTIONS = {
  review: 'Review Changes',
  output: 'Open Full Output',
  fix: 'Fix This in Sandbox',
} as const;

/** The line above a run's output. */
export const heading = (title: string, details: readonly string[]): string =>
  `${FRESH}${bold(`▶ ${plainText(title)}`)}  ${dim(details.map(plainText).join(' · '))}\r\n`;

/** What stands for output that was too much to show. */
export const gapLine = (chars: number): string =>
  `${FRESH}\r\n${yellow(`… about ${size(chars)} of output left out here`)} · ${underline(ACTIONS.output)}\r\n`;

/**
 * What is said under the output when a run has ended: how, how long it took, what it changed, what to do.
 * @param hourUsd about what an hour costs where it was
 */
export function summary(state: RunState, hourUsd?: number): string {
  const { mark, text, fix } = outcome(state);
  const cost = hourUsd === undefined ? [] : [`about ${costText(runCost(state, hourUsd))} on AWS`];
  const parts = [text, ...usageWords(state.end?.usage.model), ...cost];
  const count = state.changes.length;
  if (count > 0) parts.push(`${counted(count, 'file')} changed`, underline(ACTIONS.review));
  if (isProgramError(state)) parts.push(underline(ACTIONS.fix));
  const lines = [`${mark} ${parts.join(dim(' · '))}`];
  if (fix !== undefined) lines.push(dim(`  ${oneLine(editorWords(fix))}`));
  return `${FRESH}\r\n${lines.join('\r\n')}\r\n`;
}

/** What is said when a run can no longer be followed. */
export const lostLine = (message: string, fix: string | undefined): string =>
  `${FRESH}\r\n${red(`✗ ${oneLine(editorWords(message))}`)}\r\n${fix === undefined ? '' : `${dim(`  ${oneLine(editorWords(fix))}`)}\r\n`}`;

/** Whether a program ended by an error of its own, which an agent may look into. */
export const isProgramError = ({ end }: RunState): boolean =>
  end?.type === 'completed' && ((end.exitCode ?? 0) !== 0 || end.signal !== undefined);

/** How a run ended, in words: for messages. */
export const outcomeText = (state: RunState): string => outcome(state).text;

function outcome({ end }: RunState): { mark: string; text: string; fix?: string } {
  if (end === undefined) return { mark: yellow('…'), text: 'Still running' };
  const time = duration(end.usage.wallMs);
  switch (end.type) {
    case 'completed': {
      if (end.signal !== undefined) return { mark: red('✗'), text: `Ended by ${end.signal} after ${time}` };
      const { exitCode: code, verified } = end;
      if (code === undefined) return taskOutcome(verified, time);
      return {
        mark: code === 0 ? green('✓') : red('✗'),
        text: `Exited with code ${String(code)} after ${time}`,
      };
    }
    case 'failed': {
      const { message, fix } = end.error;
      const text = `${oneLine(editorWords(message))} (after ${time})`;
      return { mark: red('✗'), text, ...(fix === undefined ? {} : { fix }) };
    }
    case 'cancelled':
      return { mark: yellow('■'), text: `Cancelled after ${time}` };
  }
}

/** A task has no exit code; what it says of itself is the agent's, what its check says is ours. */
function taskOutcome(verified: boolean | undefined, time: string): { mark: string; text: string } {
  if (verified === false) return { mark: red('✗'), text: `Done after ${time}, but its check failed` };
  return { mark: green('✓'), text: `Done${verified === true ? ' and verified' : ''} after ${time}` };
}
