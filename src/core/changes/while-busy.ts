import { setTimeout } from 'node:timers/promises';
import { errnoOf } from '../errno.ts';

/** What Windows answers while a scanner or an indexer has the file open for a moment. */
const BUSY: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);
const PAUSES_MS = [10, 40, 160, 640];

/** Takes a step; on Windows again, a few times, when another program is in the way. */
export async function whileBusy(
  step: () => void,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  for (const pause of platform === 'win32' ? PAUSES_MS : []) {
    try {
      step();
      return;
    } catch (error) {
      if (!BUSY.has(errnoOf(error) ?? '')) throw error;
      await setTimeout(pause);
    }
  }
  step();
}
