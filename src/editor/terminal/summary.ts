import type { RunState } from '../../core/run/state.ts';
import { counted, size } from '../counted.ts';
import { duration } from '../duration.ts';
import { plainText } from '../plain-text.ts';

/** Texts in the terminal that are links to a command of ours. */
export const ACTIONS = { review: 'Review Changes', output: 'Open Full Output' } as const;

const paint = (code: number) => (text: string) => `\x1b[${String(code)}m${text}\x1b[0m`;
const [bold, dim, underline] = [paint(1), paint(2), paint(4)];
const [red, green, yellow] = [paint(31), paint(32), paint(33)];

/** A line of our own begins at the left, without the program's colours, with its cursor. */
const FRESH = '\x1b[0m\x1b[?25h';

/** The line above a run's output. */
export const heading = (title: string, details: readonly string[]): string =>
  `${FRESH}${bold(`▶ ${plainText(title)}`)}  ${dim(details.map(plainText).join(' · '))}\r\n`;

/** A notice in the run of the output. */
export const noticeLine = (message: string): string => `${FRESH}\r\n${yellow(`! ${oneLine(message)}`)}\r\n`;

/** What stands for output that was too much to show. */
export const gapLine = (chars: number): string =>
  `${FRESH}\r\n${yellow(`… about ${size(chars)} of output left out here`)} · ${underline(ACTIONS.output)}\r\n`;

/** What is said under the output when a run has ended: how, how long it took, what it changed, what to do. */
export function summary(state: RunState): string {
  const { mark, text, fix } = outcome(state);
  const parts = [text];
  const count = state.changes.length;
  if (count > 0) parts.push(`${counted(count, 'file')} changed`, underline(ACTIONS.review));
  const lines = [`${mark} ${parts.join(dim(' · '))}`];
  if (fix !== undefined) lines.push(dim(`  ${oneLine(fix)}`));
  return `${FRESH}\r\n${lines.join('\r\n')}\r\n`;
}

/** What is said when a run can no longer be followed. */
export const lostLine = (message: string, fix: string | undefined): string =>
  `${FRESH}\r\n${red(`✗ ${oneLine(message)}`)}\r\n${fix === undefined ? '' : `${dim(`  ${oneLine(fix)}`)}\r\n`}`;

/** How a run ended, in words: for messages. */
export const outcomeText = (state: RunState): string => outcome(state).text;

function outcome({ end }: RunState): { mark: string; text: string; fix?: string } {
  if (end === undefined) return { mark: yellow('…'), text: 'Still running' };
  const time = duration(end.usage.wallMs);
  switch (end.type) {
    case 'completed': {
      if (end.signal !== undefined) return { mark: red('✗'), text: `Ended by ${end.signal} after ${time}` };
      const code = end.exitCode ?? 0;
      return {
        mark: code === 0 ? green('✓') : red('✗'),
        text: `Exited with code ${String(code)} after ${time}`,
      };
    }
    case 'failed': {
      const { message, fix } = end.error;
      const text = `${oneLine(message)} (after ${time})`;
      return { mark: red('✗'), text, ...(fix === undefined ? {} : { fix }) };
    }
    case 'cancelled':
      return { mark: yellow('■'), text: `Cancelled after ${time}` };
  }
}

const oneLine = (text: string): string => plainText(text).replace(/\s*\n\s*/g, ' ');
