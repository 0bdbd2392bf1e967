import type { BoxSpec } from '../box.ts';
import { BOX_WORKSPACE } from '../../../../src/protocol/workspace-folder.ts';
import { BOX_GATE, BOX_HOME, BOX_MODEL, temporaryFolders } from '../bubblewrap-arguments.ts';
import { DASH } from '../limit-arguments.ts';

/** Where a container has what it is started by. */
const START_FOLDER = '/run/offload-start';
/** The script's name in its folder. */
export const START_SCRIPT = 'start';
/** Processes that the container has besides the program's: what starts it, and what that runs at its end. */
const OWN_PROCESSES = 2;
/** Processes of its user at least, of which there may be others on the host: the engine's control group counts its own. */
const LEAST_PROCESSES = 4096;

export interface ContainerPlaces {
  name: string;
  image: string;
  labels: Readonly<Record<string, string>>;
  /** The host's folder with the script, and its files of users. */
  start: string;
  /** Files that take the place of /etc/passwd and /etc/group. */
  users: { passwd: string; group: string } | undefined;
  /** The file of the seccomp profile. */
  seccomp: string;
  /** Options about the user: who it is, and how ids are mapped. */
  user: readonly string[];
  isPodman: boolean;
  /** Whether SELinux wants what is bound to be labelled. */
  relabel: boolean;
  /** The most that this process may give, where it is known: an engine may not give more. */
  most: { openFiles: number | undefined; processes: number | undefined };
}

/**
 * The arguments of an engine's `create`: a container with no network, no rights, no place to write but the workspace, the
 * home and temporary folders of bounded size, and limits by its control group. Neither the program nor its variables are
 * among them, since everyone on the host can read them.
 */
export function createArguments(spec: BoxSpec, places: ContainerPlaces): string[] {
  const { limits, home, model, gate } = spec;
  const bind = (from: string, to: string, mode: 'rw' | 'ro'): string[] => [
    '--volume',
    `${from}:${to}:${mode}${places.relabel ? ',z' : ''}`,
  ];
  const { '/dev/shm': shared = 0, ...temporary } = temporaryFolders(spec);
  const least = (wanted: number, most: number | undefined): string =>
    String(Math.min(wanted, most ?? wanted));
  const openFiles = least(limits.openFiles, places.most.openFiles);
  const processes = least(Math.max(LEAST_PROCESSES, 2 * limits.processes), places.most.processes);
  return [
    ...['create', '--pull', 'never', '--name', places.name, '--hostname', 'offload'],
    ...Object.entries(places.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...(spec.stdin === undefined ? [] : ['--interactive']),
    ...['--network', 'none', '--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...['--security-opt', `seccomp=${places.seccomp}`],
    // What podman would add by itself: temporary folders without a bound, the host's proxies.
    ...(places.isPodman ? ['--read-only-tmpfs=false', '--http-proxy=false'] : []),
    ...places.user,
    ...['--pids-limit', String(limits.processes + OWN_PROCESSES)],
    ...['--memory', String(limits.memoryBytes), '--memory-swap', String(limits.memoryBytes)],
    ...['--ulimit', `nofile=${openFiles}:${openFiles}`, '--ulimit', `nproc=${processes}:${processes}`],
    ...['--ulimit', 'core=0:0', '--shm-size', String(shared)],
    ...Object.entries(temporary).flatMap(([folder, size]) => [
      '--tmpfs',
      // Older runtimes give a folder that the image has that one's rights: the home is none, /tmp has the same.
      `${folder}:rw,exec,nosuid,nodev,mode=1777,size=${String(size)}`,
    ]),
    ...bind(places.start, START_FOLDER, 'ro'),
    ...(places.users === undefined
      ? []
      : [...bind(places.users.passwd, '/etc/passwd', 'ro'), ...bind(places.users.group, '/etc/group', 'ro')]),
    ...bind(spec.workspace, BOX_WORKSPACE, 'rw'),
    ...(home === undefined ? [] : bind(home, BOX_HOME, 'rw')),
    ...(model === undefined ? [] : bind(model, BOX_MODEL, 'ro')),
    ...(gate === undefined ? [] : bind(gate, BOX_GATE, 'ro')),
    // Output goes to whoever is attached and nowhere else; a stop is a kill.
    ...['--log-driver', 'none', '--stop-signal', 'SIGKILL', '--workdir', BOX_WORKSPACE],
    // Variables of the image and of the engine are none of the program's.
    ...['--entrypoint', '/usr/bin/env', places.image, '-i', DASH, `${START_FOLDER}/${START_SCRIPT}`],
  ];
}
