/** The user that Lambda runs functions as. */
export const USER = 993;

/** What Lambda lets a function have, as options of `podman run`. */
export function lockedDown({
  memoryMb,
  storageMb = 512,
}: {
  memoryMb: number;
  storageMb?: number;
}): string[] {
  const memory = `${String(memoryMb)}m`;
  return [
    ...['--pull', 'never', '--init'],
    // A user that the image does not know, and nobody makes known to it.
    ...[
      '--user',
      `${String(USER)}:990`,
      '--passwd=false',
      '--cap-drop',
      'all',
      '--security-opt',
      'no-new-privileges',
    ],
    ...['--read-only', '--read-only-tmpfs=false', '--tmpfs', `/tmp:exec,size=${String(storageMb)}m`],
    // There is no /dev/shm.
    ...['--ipc', 'none'],
    ...['--memory', memory, '--memory-swap', memory, '--pids-limit', '1024'],
    ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--ulimit', 'core=0:0'],
  ];
}
