import { readStandingInstructions, STANDING_INSTRUCTIONS } from '../../core/task/standing-instructions.ts';
import { requireTrust } from '../trust.ts';
import type { WindowRoot } from './window-roots.ts';

/** What a folder of the workspace tells every task. */
export interface Standing {
  /** In the snapshot. */
  path: string;
  text: string;
  root: WindowRoot;
}

/**
 * What the folders of a workspace tell every task: only in one that is trusted, for an agent obeys it.
 * @throws OffloadError `untrusted`; `bad-request` or `too-large` for one that cannot be taken
 */
export async function standingInstructions(
  roots: readonly WindowRoot[],
  signal?: AbortSignal,
): Promise<Standing[]> {
  requireTrust();
  const found = await Promise.all(
    roots.map(async (root) => {
      const text = await readStandingInstructions(root.folder, signal);
      return text === undefined ? [] : [{ path: root.prefix + STANDING_INSTRUCTIONS, text, root }];
    }),
  );
  return found.flat();
}
