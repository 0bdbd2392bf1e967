import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';

const TOKEN_FILE = 'token';

/**
 * A folder that this user alone can enter, made when it is missing.
 * @throws OffloadError `no-backend` for one that another user made or that is a link: who owns it decides what we run
 */
export async function privateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('no-backend', `The folder ${path} cannot be made: ${reason}.`, {
      fix: 'Set XDG_RUNTIME_DIR to a folder of your own.',
      cause,
    });
  }
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

/**
 * The token that this user's clients and backends share; made by the first of them. It appears whole or not at all, so
 * that one who comes at the same moment never reads a part.
 */
export async function readToken(runtime: string): Promise<string> {
  const path = tokenFile(runtime);
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present !== '') return present.trim();
  const made = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(made, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
    await link(made, path).catch(ignoreExisting);
  } finally {
    await rm(made, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
