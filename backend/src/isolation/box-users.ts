import { readFileSync } from 'node:fs';

/** Users of boxes when the backend is root: a range that nothing hands out (systemd.io/UIDS-GIDS). */
const FIRST = 1_900_000_000;
const COUNT = 65_536;

/**
 * Whether this process is root and can become these users. Root of a user namespace, as in a container without rights,
 * mostly cannot and need not: its processes are counted like those of any user.
 */
export const hasBoxUsers = (): boolean =>
  process.getuid?.() === 0 &&
  holdsBoxUsers(readMap('/proc/self/uid_map')) &&
  holdsBoxUsers(readMap('/proc/self/gid_map'));

/** The `n`th of them, over and over. */
export const boxUser = (n: number): number => FIRST + (n % COUNT);

/** Whether one line of a map (user_namespaces(7): inside, outside, how many) holds all of them. */
export const holdsBoxUsers = (map: string): boolean =>
  map.split('\n').some((line) => {
    const [inside = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return inside <= FIRST && inside + count >= FIRST + COUNT;
  });

function readMap(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
