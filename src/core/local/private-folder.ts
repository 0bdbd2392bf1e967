import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';

const TOKEN_FILE = 'token';

/**
 * A folder that this user alone can enter, made when it is missing.
 * @throws OffloadError `no-backend` for one that another user made or that is a link: who owns it decides what we run
 */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const stats = await lstat(path);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
    throw new OffloadError('no-backend', `${path} belongs to another user, or is no folder.`, {
      fix: `Remove it, or set XDG_RUNTIME_DIR to a folder of your own.`,
    });
  }
  if ((stats.mode & 0o077) !== 0) await chmod(path, 0o700);
}

export const tokenFile = (runtime: string): string => join(runtime, TOKEN_FILE);

/** The token that this user's clients and backends share; made by the first of them. */
export async function readToken(runtime: string): Promise<string> {
  const path = tokenFile(runtime);
  try {
    await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}
