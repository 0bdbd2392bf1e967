import { OffloadError } from '../../protocol/error.ts';
import { displayPath } from '../changes/display.ts';

/** A file is not what the snapshot says any more. */
export const changedSince = (path: string, cause?: unknown): OffloadError =>
  new OffloadError('conflict', `${displayPath(path)} has changed while the workspace was being sent.`, {
    fix: 'Try again. Leave out what changes all the time with a line in .offloadignore.',
    cause,
  });
