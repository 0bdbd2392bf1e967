import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { BOX_WORKSPACE } from '../../../src/protocol/workspace-folder.ts';
import type { BoxSpec } from './box.ts';

/** The user inside a box. */
export const BOX_UID = 1000;
/** Where a box has its home. */
export const BOX_HOME = '/home/user';
/** Where a relay's socket is. */
export const BOX_MODEL = '/run/offload';
/** Where a gate's is. */
export const BOX_GATE = '/run/offload-gate';

const MIB = 1024 * 1024;

/** The temporary folders of a box and the bytes that each may hold. They live in memory. */
const TEMPORARY = { '/dev/shm': 256 * MIB, '/tmp': 512 * MIB, [BOX_HOME]: 256 * MIB };

/** Those of a box: a home that stays is none of them. */
export function temporaryFolders({ home }: Pick<BoxSpec, 'home'>): Record<string, number> {
  const { [BOX_HOME]: ofHome, ...others } = TEMPORARY;
  return home === undefined ? { ...others, [BOX_HOME]: ofHome } : others;
}

export interface HostPaths {
  /** The folder that becomes /etc, and what of the host's own is bound over it. */
  etc: string;
  etcBound: readonly string[];
  workspace: string;
  home: string | undefined;
  model: string | undefined;
  gate: string | undefined;
  /** Where a bound path can be reached from, as the user who makes the box. */
  source: (path: string) => string;
}

/**
 * The options of a box, as bubblewrap reads them from a file descriptor: namespaces of its own for everything, no
 * capability, nothing of the host but its programs, and no place to write but the workspace and temporary folders of
 * bounded size. See bwrap(1).
 */
export function boxArguments(spec: BoxSpec, host: HostPaths): string[] {
  return [
    ...['--unshare-user', '--disable-userns', '--unshare-all', '--die-with-parent', '--new-session'],
    ...['--cap-drop', 'ALL', '--uid', String(BOX_UID), '--gid', String(BOX_UID), '--hostname', 'offload'],
    ...(system ??= systemFolders()),
    ...['--ro-bind', host.etc, '/etc'],
    ...host.etcBound.flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(TEMPORARY['/dev/shm']), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--size', String(TEMPORARY['/tmp']), '--perms', '1777', '--tmpfs', '/tmp'],
    ...(host.home === undefined
      ? ['--size', String(TEMPORARY[BOX_HOME]), '--perms', '0700', '--tmpfs', BOX_HOME]
      : ['--bind', host.home, BOX_HOME]),
    ...(host.model === undefined ? [] : ['--ro-bind', host.model, BOX_MODEL]),
    ...(host.gate === undefined ? [] : ['--ro-bind', host.gate, BOX_GATE]),
    ...['--bind', host.workspace, BOX_WORKSPACE, '--chdir', BOX_WORKSPACE],
    // After the workspace: on the host, too, an interpreter may lie in a folder of that name.
    ...spec.readOnly.flatMap((path) => ['--ro-bind', host.source(path), path]),
    ...['--remount-ro', '/'],
    '--clearenv',
    ...Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

let system: string[] | undefined;

/** /usr, and the top folders as the host has them: links into /usr, or folders of their own. */
function systemFolders(): string[] {
  const top = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].filter((path) => existsSync(path));
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...top.flatMap((path) =>
      lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path],
    ),
  ];
}
