import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { displayPath } from '../changes/display.ts';
import { OffloadError } from '../../protocol/error.ts';

/** Bytes of a key file at most: what the protocol takes of a key, and a line's end. */
const MAX_BYTES = 16 * 1024 + 2;

/** Windows has no FIFOs to wait at, nor permission bits to look at. */
const { O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/**
 * The key that a file holds, which no other user may read or change. What is checked is the opened file itself.
 * @throws OffloadError `no-access`, which never says what is in the file
 */
export async function readKeyFile(path: string, uid = process.getuid?.()): Promise<string> {
  const shown = displayPath(path);
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | O_NONBLOCK);
  } catch (cause) {
    throw refused(
      `The key file ${shown} cannot be read`,
      'Name a file that holds a key in OFFLOAD_KEY_FILE.',
      cause,
    );
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw refused(`The key file ${shown} is not a file`, 'Name a file that holds a key.');
    if (uid !== undefined && stats.uid !== uid) {
      throw refused(`The key file ${shown} belongs to another user`, 'Make a file of your own for the key.');
    }
    if (uid !== undefined && (stats.mode & 0o077) !== 0) {
      const mode = (stats.mode & 0o777).toString(8).padStart(3, '0');
      const fix = `Run: chmod 600 ${shown}. If others may have read it, replace the key.`;
      throw refused(`Others than you have rights on the key file ${shown} (mode ${mode})`, fix);
    }
    if (stats.size > MAX_BYTES) throw refused(`The key file ${shown} is too large for a key`, HOLD);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    const key = buffer.toString('utf8', 0, bytesRead).trim();
    if (!/^[\x21-\x7e]+$/.test(key)) throw refused(`The key file ${shown} does not hold one key`, HOLD);
    return key;
  } finally {
    await file.close();
  }
}

const HOLD = 'It should hold the key on one line and nothing else.';

const refused = (what: string, fix: string, cause?: unknown): OffloadError =>
  new OffloadError('no-access', `${what}${why(cause)}.`, { fix, cause });

const why = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
