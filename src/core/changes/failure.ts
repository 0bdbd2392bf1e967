import { OffloadError } from '../../protocol/error.ts';
import { errnoOf } from '../errno.ts';
import { displayPath } from './display.ts';

const CAUSES: Readonly<Record<string, { why: string; fix: string }>> = {
  ENOSPC: { why: 'the disk is full', fix: 'Free some space, then accept the change again.' },
  EDQUOT: { why: 'your disk quota is used up', fix: 'Free some space, then accept the change again.' },
  EROFS: { why: 'the file system is read-only', fix: 'Make it writable, then accept the change again.' },
  EACCES: { why: 'permission is denied', fix: 'Give yourself permission, then accept the change again.' },
  EPERM: {
    why: 'the system does not permit it',
    fix: 'Look at its permissions and attributes, then accept again.',
  },
  EBUSY: { why: 'another program holds it', fix: 'Close that program, then accept the change again.' },
  EMFILE: { why: 'too many files are open', fix: 'Close some, then accept the change again.' },
};

/** What file systems answer to a name that they cannot hold. */
const BAD_NAME: ReadonlySet<string> = new Set(['ENAMETOOLONG', 'EINVAL', 'EILSEQ']);

/** The file or folder is not what the snapshot, or the last look at it, says. `what` completes "<path> …". */
export const conflict = (path: string, what: string, cause?: unknown): OffloadError =>
  new OffloadError('conflict', `${displayPath(path)} ${what}`, {
    fix: 'Compare it with the change, then accept again and replace what is there, or discard the change.',
    cause,
  });

/** The path leads, or could lead, elsewhere than to a plain file of the workspace. `what` completes "<path> …". */
export const unsafePath = (path: string, what: string, cause?: unknown): OffloadError =>
  new OffloadError('unsafe-path', `${displayPath(path)} ${what}`, {
    fix: 'Discard the change, or copy its content to another file.',
    cause,
  });

/** What stopped a change from being applied, as an {@link OffloadError} with its cause; an abort's reason as it is. */
export function asFailure(error: unknown, path: string, signal: AbortSignal | undefined): unknown {
  if (error instanceof OffloadError) return error;
  if (signal?.aborted === true && error === signal.reason) return error;
  const errno = errnoOf(error);
  if (errno !== undefined && BAD_NAME.has(errno)) {
    return unsafePath(path, 'has a name that the file system here cannot hold.', error);
  }
  if (errno === 'ENOENT')
    return conflict(path, 'was moved or removed while the change was being applied.', error);
  const shown = displayPath(path);
  const known = errno === undefined ? undefined : CAUSES[errno];
  if (known) {
    return new OffloadError('internal', `${shown} could not be changed: ${known.why}.`, {
      fix: known.fix,
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new OffloadError('internal', `${shown} could not be changed: ${displayPath(message)}`, {
    cause: error,
  });
}
