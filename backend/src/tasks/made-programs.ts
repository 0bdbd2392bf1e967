import { languageByPath, type Language } from '../../../src/protocol/languages.ts';
import { isWorkspacePath } from '../../../src/protocol/path.ts';
import { opened } from '../workspace/collect.ts';
import { hasStamp, type Baseline } from '../workspace/baseline.ts';
import { walkWithin } from '../workspace/size.ts';

/** Programs of one task that are run at most. */
const MAX_PROGRAMS = 50;

/** Folders whose programs are somebody else's. */
const FOREIGN = /(^|\/)(node_modules|\.venv|venv|site-packages|__pycache__|\.git)\//;

/** The programs that an agent has written or changed, by path: those that `execute` runs. */
export async function madePrograms(
  folder: string,
  baseline: Baseline,
  maxBytes: number,
): Promise<{ path: string; language: Language }[]> {
  const made: { path: string; language: Language }[] = [];
  for await (const { path, stats } of walkWithin(folder, maxBytes, opened)) {
    if (path === undefined || !stats.isFile() || !isWorkspacePath(path) || FOREIGN.test(path)) continue;
    const language = languageByPath(path);
    const before = baseline.get(path);
    if (language === undefined || (before?.kind === 'file' && hasStamp(stats, before.stamp))) continue;
    made.push({ path, language });
  }
  return made.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_PROGRAMS);
}
