import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file of the user's alone, in place of what was there; its folder is made where there is none. It appears whole or
 * not at all.
 * @throws what the file system says
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const made = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(made, text, { mode: 0o600 });
    await rename(made, path);
  } finally {
    // Where the folder is none, neither was it made.
    await rm(made, { force: true }).catch(() => undefined);
  }
}
