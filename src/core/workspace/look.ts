import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { readlinkSync, type Stats } from 'node:fs';
import { MAX_SNAPSHOT_FILE_BYTES, type SnapshotFile, type SnapshotLink } from '../../protocol/snapshot.ts';
import { errnoOf } from '../errno.ts';
import type { Unread } from './folder.ts';
import type { LeftOut, LeftOutReason } from './left-out.ts';
import type { Pace } from './pace.ts';
import { readStable } from './read-file.ts';
import { tooLargeFile } from './too-large.ts';
import type { Unsaved } from './unsaved.ts';

/** Permission bits of a file that is not on the disk yet. */
const NEW_FILE_MODE = 0o644;

/** Bytes of a link's target at most, as the protocol has it. */
const MAX_TARGET_BYTES = 4095;

/** What the system answers when it opens nothing at all at the moment. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Milliseconds that a file must have lain untouched when it was read: a later write could else have the same time, by
 * the clock of its file system (FAT counts in two seconds), as Git has it in Documentation/technical/racy-git.txt.
 */
const RACY_MS = 2500;

/** Looks at files and links, and into them. What cannot go along is left out. */
export class Look {
  /** Contents that are not on the disk, or only were, by path. */
  readonly held = new Map<string, Buffer>();
  readonly leftOut: LeftOut[] = [];
  readonly #unsaved: Unsaved;
  readonly #pace: Pace;

  constructor(unsaved: Unsaved, pace: Pace) {
    this.#unsaved = unsaved;
    this.#pace = pace;
  }

  link(path: string, place: string): SnapshotLink | undefined {
    try {
      const target = readlinkSync(place, 'buffer');
      if (target.length > 0 && target.length <= MAX_TARGET_BYTES && isUtf8(target)) {
        return { kind: 'link', path, target: target.toString('utf8') };
      }
      this.leave(path, 'name');
    } catch (error) {
      this.unreadable(path, error);
    }
    return undefined;
  }

  /**
   * A file from the outside. `stats` are undefined for one that is in an editor alone, `known` is its hash where it is
   * known.
   * @throws OffloadError `too-large`
   */
  file(
    path: string,
    place: string,
    stats: Stats | undefined,
    known: string | undefined,
  ): SnapshotFile | Unread | undefined {
    const content = this.#unsaved.content(place);
    const size = content?.length ?? stats?.size ?? 0;
    if (size > MAX_SNAPSHOT_FILE_BYTES) throw tooLargeFile(path, size);
    const mode = (stats?.mode ?? NEW_FILE_MODE) & 0o777;
    if (content !== undefined) {
      this.held.set(path, content);
      return { kind: 'file', path, mode, size, hash: hash('sha256', content, 'hex') };
    }
    if (known !== undefined) return { kind: 'file', path, mode, size, hash: known };
    return { kind: 'unread', path, place, size };
  }

  /**
   * A file as it is inside; undefined for one that is gone or cannot go along.
   * @throws OffloadError `too-large`
   */
  async into(file: Unread): Promise<SnapshotFile | undefined> {
    const { path, place } = file;
    const accept = (size: number): void => {
      if (size > MAX_SNAPSHOT_FILE_BYTES) throw tooLargeFile(path, size);
    };
    const readAt = Date.now();
    try {
      const read = await readStable(place, accept, this.#pace);
      if (read === undefined) {
        this.leave(path, 'special');
        return undefined;
      }
      const { hash, size, stats, stable, content } = read;
      const { mtimeMs, ctimeMs, ino } = stats;
      if (stable && Math.max(mtimeMs, ctimeMs) < readAt - RACY_MS) {
        file.stamp = { size, mtimeMs, ctimeMs, ino, hash };
      }
      if (content !== undefined) this.held.set(path, content);
      return { kind: 'file', path, mode: stats.mode & 0o777, size, hash };
    } catch (error) {
      this.unreadable(path, error);
      return undefined;
    }
  }

  leave(path: string, reason: LeftOutReason, detail?: string): void {
    this.leftOut.push({ path, reason, ...(detail === undefined ? {} : { detail }) });
  }

  /** Takes what the system said: what cannot be read is left out, what has gone is not there. Else throws it. */
  unreadable(path: string, error: unknown): void {
    const errno = errnoOf(error);
    if (errno === undefined || EXHAUSTED.has(errno)) throw error;
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') this.leave(path, 'unreadable', errno);
  }
}
