import { readStandingInstructions, STANDING_INSTRUCTIONS } from '../core/task/standing-instructions.ts';
import { say } from './say.ts';

/** Lines that are shown. */
const SHOWN = 20;

/** What every task in a workspace is told, which the user gets to see: naming the folder is trusting it. */
export async function standingInstructions(folder: string): Promise<string | undefined> {
  const text = await readStandingInstructions(folder);
  if (text === undefined) return undefined;
  say(`The agent is also told what is in ${STANDING_INSTRUCTIONS}:`);
  const lines = text.trimEnd().split(/\r?\n/);
  for (const line of lines.slice(0, SHOWN)) say(`  ${line}`);
  if (lines.length > SHOWN) say(`  … and ${String(lines.length - SHOWN)} lines more`);
  return text;
}
