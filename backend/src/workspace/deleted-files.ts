import { readdirSync, statSync, type Stats } from 'node:fs';

const BLOCK_BYTES = 512;

/** Bytes on a device in files that processes hold open and that no folder shows any more; see proc_pid_fd(5). */
export function deletedBytes(pids: number[], device: number): number {
  const files = new Map<number, number>();
  for (const pid of pids) {
    const folder = `/proc/${String(pid)}/fd`;
    for (const fd of read(() => readdirSync(folder)) ?? []) {
      const stats: Stats | undefined = read(() => statSync(`${folder}/${fd}`));
      if (stats?.isFile() === true && stats.nlink === 0 && stats.dev === device)
        files.set(stats.ino, stats.blocks * BLOCK_BYTES);
    }
  }
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** A process that has ended, or has closed a file meanwhile, is no error. */
function read<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
