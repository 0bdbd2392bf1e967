import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Removes a folder that a program has written to, however deep and whatever its modes. Never follows a link. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    // Paths longer than the kernel takes, or folders that the program closed to itself: rm goes by descriptors.
    await run('chmod', ['-R', 'u+rwX', folder]).catch(() => undefined);
    await run('rm', ['-rf', folder]).catch(() => undefined);
  }
}
