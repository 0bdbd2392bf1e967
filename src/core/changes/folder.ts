/** A folder of the workspace that is reached without following any link, and stays reached while others rename. */
export interface Folder {
  /** Its path below the root, separated by `/`; empty for the root. */
  readonly path: string;
  /** A path of the file system for the entry `name`, good until this folder is closed. */
  at(name: string): string;
  /** The folder `name` in it. Fails with the system's error: ENOTDIR or ELOOP on a link too. */
  enter(name: string): Promise<Folder>;
  /**
   * Throws `unsafe-path` unless the folder is still where it was entered: not moved away, nor replaced by a link.
   * Synchronous, so that nothing of this process runs between the answer and the step that rests on it.
   */
  assertInPlace(): void;
  close(): Promise<void>;
}
