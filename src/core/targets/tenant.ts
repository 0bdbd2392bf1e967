import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OffloadError } from '../../protocol/error.ts';
import { errnoOf } from '../errno.ts';

const KEY_FILE = 'tenant-key';

/**
 * A workspace as AWS knows it: by a hash, since paths say more than need be, with a key of this user's on this machine,
 * since another one has the same paths. The folder need not be there.
 * @param state the state folder, see `localFolders`
 * @throws OffloadError `no-backend` where the key cannot be kept there
 */
export function tenantOf(folder: string, state: string): string {
  const path = resolve(folder);
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // Whoever reads the folder says what is wrong with it.
  }
  return createHmac('sha256', ownKey(state)).update(real).digest('hex').slice(0, 32);
}

/** Made by the first who asks for it. It appears whole or not at all. */
function ownKey(state: string): string {
  const path = join(state, KEY_FILE);
  const read = (): string => readFileSync(path, 'utf8').trim();
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw notKept(path, error);
  }
  const made = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 });
    writeFileSync(made, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
    try {
      linkSync(made, path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(made, { force: true });
    }
    return read();
  } catch (error) {
    throw notKept(path, error);
  }
}

const notKept = (path: string, cause: unknown) =>
  new OffloadError('no-backend', `The file ${path} cannot be kept: ${errnoOf(cause) ?? String(cause)}.`, {
    fix: 'See that you can write there, or set XDG_STATE_HOME to a folder of your own.',
    cause,
  });
