import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { BOX_WORKSPACE, type BoxSpec } from './box.ts';

/** The user inside a box. */
export const BOX_UID = 1000;
export const BOX_HOME = '/home/user';

/** Bytes that the temporary folders of a box may hold. They live in memory. */
const TMP_BYTES = 512 * 1024 * 1024;
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;
const HOME_BYTES = 256 * 1024 * 1024;

export interface HostPaths {
  /** The folder that becomes /etc, and what of the host's own is bound over it. */
  etc: string;
  etcBound: readonly string[];
  workspace: string;
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
    ...systemFolders(),
    ...['--ro-bind', host.etc, '/etc'],
    ...host.etcBound.flatMap((path) => ['--ro-bind', path, path]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--size', String(SHARED_MEMORY_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--size', String(TMP_BYTES), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--size', String(HOME_BYTES), '--perms', '0700', '--tmpfs', BOX_HOME],
    ...spec.readOnly.flatMap((path) => ['--ro-bind', host.source(path), path]),
    ...['--bind', host.workspace, BOX_WORKSPACE, '--chdir', BOX_WORKSPACE, '--remount-ro', '/'],
    '--clearenv',
    ...Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

/** What stands between the box and the program: limits that must be set inside it. See prlimit(1). */
export function limitArguments({ limits, memoryLimit }: Pick<BoxSpec, 'limits' | 'memoryLimit'>): string[] {
  return [
    '/usr/bin/prlimit',
    `--nproc=${String(limits.processes)}`,
    `--cpu=${String(limits.cpuSeconds)}:${String(limits.cpuSeconds + 1)}`,
    `--fsize=${String(limits.fileBytes)}`,
    `--nofile=${String(limits.openFiles)}`,
    `--${memoryLimit}=${String(limits.memoryBytes)}`,
    '--core=0',
    '--',
  ];
}

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
