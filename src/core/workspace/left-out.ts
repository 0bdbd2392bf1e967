/** Why something is not taken along. */
export type LeftOutReason =
  /** By `.gitignore`, `.git/info/exclude` or `.offloadignore`. */
  | 'ignored'
  /** By the user. */
  | 'excluded'
  /** It looks like a secret, and the user has not allowed it. */
  | 'secret'
  /** The system does not let it be read. */
  | 'unreadable'
  /** Its name, or where it leads, is not valid UTF-8 or too long. */
  | 'name'
  /** A named pipe, a socket or a device. */
  | 'special';

/** Something of the workspace that is not taken along. */
export interface LeftOut {
  /** As in the snapshot, with a slash at the end of a folder, which stands for all that is in it. */
  readonly path: string;
  readonly reason: LeftOutReason;
  /** The system's word for it (`EACCES`). */
  readonly detail?: string | undefined;
}
