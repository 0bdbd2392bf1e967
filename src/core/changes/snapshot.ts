import { createHash } from 'node:crypto';
import { contentBytes } from '../../protocol/content.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { InputFile } from '../../protocol/request.ts';
import { displayPath } from './display.ts';

/** A file as it was sent, by what identifies it. */
export interface SnapshotEntry {
  /** SHA-256 of the content, in lower-case hexadecimal. */
  readonly hash: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
}

/** A file that was sent with its content. */
export interface SentEntry extends SnapshotEntry {
  readonly content: Buffer;
}

/** The files that were sent with a run, by path: what its changes are measured against. Folders are not in it. */
export type Snapshot = ReadonlyMap<string, SnapshotEntry>;

/** The snapshot that a request's files make. A path that is there twice is a `bad-request`: it says two things. */
export function snapshotOf(files: readonly InputFile[]): ReadonlyMap<string, SentEntry> {
  const snapshot = new Map<string, SentEntry>();
  for (const file of files) {
    if (snapshot.has(file.path)) {
      throw new OffloadError(
        'bad-request',
        `${displayPath(file.path)} is twice among the files of the run.`,
        {
          fix: 'Send each file once.',
        },
      );
    }
    const content = contentBytes(file.content);
    const hash = createHash('sha256').update(content).digest('hex');
    snapshot.set(file.path, { hash, mode: file.mode, size: content.length, content });
  }
  return snapshot;
}
