import { homedir } from 'node:os';
import { relative, resolve, sep } from 'node:path';

/** Folders of a home that hold more than programs. Binding one of them, or what contains them, would show it all. */
const PRIVATE = [
  '',
  '.ssh',
  '.aws',
  '.config',
  '.gnupg',
  '.local',
  '.local/share',
  '.local/state',
  '.kube',
  '.docker',
];

const contains = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && resolve(folder, way) === path);
};

/** Whether a folder may be shown to programs: it holds an installation, and nothing that is private. */
export function isSafePrefix(folder: string): boolean {
  const home = homedir();
  if (folder === '/' || folder === '/etc' || folder === '/var' || folder === '/home' || folder === '/root')
    return false;
  return !PRIVATE.some((place) => contains(folder, resolve(home, place)));
}

/** The folders that a box does not show anyway: all but /usr and what is under it. */
export const beyondSystem = (folders: string[]): string[] =>
  [...new Set(folders)].filter(
    (folder) => !contains('/usr', folder) && folder !== '/bin' && folder !== '/lib',
  );
