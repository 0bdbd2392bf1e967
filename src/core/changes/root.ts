import { realpath } from 'node:fs/promises';
import { OffloadError } from '../../protocol/error.ts';
import { displayPath } from './display.ts';
import { errnoOf } from '../errno.ts';
import type { Folder } from './folder.ts';
import { openHeldFolder } from './folder-held.ts';
import { openNamedFolder } from './folder-named.ts';

/**
 * The workspace's folder. Links on the way to it are the user's own and are resolved, once. On Linux folders are held
 * open and named through their handles, so that a link swapped in has no effect; elsewhere, or without `/proc`, paths
 * are checked before and after each step, which leaves a link swapped in within a step's microseconds.
 */
export async function openRoot(root: string): Promise<Folder> {
  try {
    const real = await realpath(root);
    return (await openHeldFolder(real)) ?? (await openNamedFolder(real));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const why =
      errno === 'ENOENT' ? 'does not exist' : errno === 'ENOTDIR' ? 'is not a folder' : `failed: ${errno}`;
    throw new OffloadError('bad-request', `The folder to write to, ${displayPath(root)}, ${why}.`, {
      fix: 'Open a folder that exists and that you may write to.',
      cause: error,
    });
  }
}
