import type { EventBody } from '../../../src/protocol/event.ts';
import type { Found } from './walk.ts';

/** Names that are listed. */
const MAX_NAMED = 5;

/** What a workspace holds that does not come back, for people to know. */
export class LeftThere {
  readonly #leftOut: string[] = [];
  /** Files by the outermost folder that is ignored. */
  readonly #ignored = new Map<string, number>();

  leaveOut(found: Found): void {
    this.#leftOut.push(describe(found));
  }

  ignore(outermost: string): void {
    this.#ignored.set(outermost, (this.#ignored.get(outermost) ?? 0) + 1);
  }

  *notices(): Generator<EventBody, void, undefined> {
    if (this.#leftOut.length > 0) {
      const message = `Left out, since only files come back: ${listed(this.#leftOut)}.`;
      yield { type: 'notice', code: 'left-out', message };
    }
    if (this.#ignored.size === 0) return;
    const files = [...this.#ignored.values()].reduce((sum, count) => sum + count, 0);
    const most = [...this.#ignored].sort(([, a], [, b]) => b - a).map(([path]) => JSON.stringify(path));
    const counted = files === 1 ? '1 file' : `${String(files)} files`;
    const message = `Left in the sandbox, as git and the workspace's ignore files say: ${counted} in ${listed(most)}.`;
    yield { type: 'notice', code: 'ignored', message };
  }
}

/** The first names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const named = names.slice(0, MAX_NAMED).join(', ');
  return names.length > MAX_NAMED ? `${named} and ${String(names.length - MAX_NAMED)} more` : named;
}

function describe({ path, stats }: Found): string {
  const name = path === undefined ? 'a name that is not UTF-8' : JSON.stringify(path);
  if (stats.isSymbolicLink()) return `${name} (a link)`;
  if (stats.isFIFO()) return `${name} (a pipe)`;
  return stats.isFile() ? name : `${name} (a special file)`;
}
