import { homedir, tmpdir } from 'node:os';
import { dirname, relative, resolve, sep } from 'node:path';
import { BOX_WORKSPACE } from '../../../src/protocol/workspace-folder.ts';

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

/** Folders that many things share; an installation has one of its own in them. See hier(7). */
const SHARED = [
  '/home',
  '/media',
  '/mnt',
  '/opt',
  '/root',
  '/srv',
  '/tmp',
  '/usr',
  '/var',
  '/var/lib',
  '/var/tmp',
];
/** Folders in which no installation is. */
const SYSTEM = ['/boot', '/dev', '/etc', '/proc', '/run', '/sys'];
/** Folders that hold homes. */
const HOMES = ['/home', '/Users'];

/** Whether a folder may be shown to programs: it holds an installation, and nothing that is private or shared. */
export function isSafePrefix(folder: string): boolean {
  const home = homedir();
  const hidden = [...SHARED, tmpdir(), BOX_WORKSPACE, ...PRIVATE.map((place) => resolve(home, place))];
  return !(
    hidden.some((place) => contains(folder, place)) ||
    SYSTEM.some((place) => contains(place, folder)) ||
    HOMES.includes(dirname(folder))
  );
}

/** The folders that a box does not show anyway: all but /usr and what is under it. */
export const beyondSystem = (folders: string[]): string[] =>
  [...new Set(folders)].filter(
    (folder) => !contains('/usr', folder) && folder !== '/bin' && folder !== '/lib',
  );
