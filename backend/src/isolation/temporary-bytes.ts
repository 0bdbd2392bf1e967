import { statfsSync } from 'node:fs';

/** Kernel memory that a file takes besides its content, roughly. */
const INODE_BYTES = 1024;

/**
 * Bytes of memory that the temporary folders of a box hold, seen through the root folder of one of its processes.
 * @param folders the folders and the bytes that each may hold
 * @param pids processes of the box, but not its first: the kernel shows that one's root to the host's root alone
 */
export function temporaryBytes(folders: Readonly<Record<string, number>>, pids: number[]): number {
  for (const pid of pids) {
    const bytes = Object.entries(folders).map(([folder, size]) =>
      held(`/proc/${String(pid)}/root${folder}`, size),
    );
    if (bytes.every((each) => each !== undefined)) return bytes.reduce((sum, each) => sum + each, 0);
  }
  return 0;
}

/** Undefined where it cannot be seen, or another file system is still there. */
function held(folder: string, size: number): number | undefined {
  try {
    const { bsize, blocks, bfree, files, ffree } = statfsSync(folder);
    return blocks * bsize === size ? (blocks - bfree) * bsize + (files - ffree) * INODE_BYTES : undefined;
  } catch {
    return undefined;
  }
}
