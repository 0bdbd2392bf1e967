import { linkSync, renameSync, unlinkSync } from 'node:fs';
import { errnoOf } from '../errno.ts';
import { conflict } from './failure.ts';
import type { Folder } from './folder.ts';
import { assertUnchanged, type PresentFile } from './present-file.ts';
import { whileBusy } from './while-busy.ts';

/** A file's place: the folder, the name in it, the path for messages, and what was found there. */
export interface Place {
  readonly folder: Folder;
  readonly name: string;
  readonly path: string;
  readonly found: PresentFile | undefined;
}

/** The last look before the one call that cannot be taken back. Nothing of this process runs in between. */
function assertReady({ folder, name, path, found }: Place, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
  folder.assertInPlace();
  assertUnchanged(folder, name, path, found);
}

/** Gives the temporary file its name where there is none yet: fails if one has come, where the file system can tell. */
function linkNew({ folder, name, path }: Place, temporary: string): void {
  try {
    linkSync(folder.at(temporary), folder.at(name));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw conflict(path, 'was made while the change was being applied.', error);
    // FAT and many network file systems have no hard links.
    renameSync(folder.at(temporary), folder.at(name));
  }
}

/** Puts the complete temporary file in its place, in one step: the old file or the new one is there at any time. */
export async function putInPlace(
  place: Place,
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { folder, name, found } = place;
  await whileBusy(() => {
    assertReady(place, signal);
    if (found) renameSync(folder.at(temporary), folder.at(name));
    else linkNew(place, temporary);
  });
}

/** Removes what was found. */
export async function removeFromPlace(place: Place, signal: AbortSignal | undefined): Promise<void> {
  await whileBusy(() => {
    assertReady(place, signal);
    unlinkSync(place.folder.at(place.name));
  });
}
