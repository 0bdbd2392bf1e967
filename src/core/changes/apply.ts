import { OffloadError } from '../../protocol/error.ts';
import type { ChangeEvent } from '../../protocol/event.ts';
import { displayPath } from './display.ts';
import type { Folder } from './folder.ts';
import { guardedReason } from './guarded.ts';
import { sha256 } from './hash.ts';
import { isExecutable } from './permission.ts';
import { MAX_APPLIED_BYTES, replaceFile, type Replacement, type Undo } from './replace.ts';
import { openRoot } from './root.ts';
import type { SnapshotEntry } from './snapshot.ts';

export type Change = Pick<ChangeEvent, 'path' | 'operation' | 'mode' | 'size' | 'hash'>;

/** A change that the user has accepted, with all that applying it needs. */
export interface AcceptedChange {
  readonly change: Change;
  /** What to write; not for a deletion. */
  readonly content?: Uint8Array | undefined;
  /**
   * The content is the user's own: the review copy was edited, or only some hunks were accepted. Otherwise it must be
   * what the run announced, by size and hash, so that a blob that was mixed up or cut is never taken for the result.
   */
  readonly edited?: boolean | undefined;
  /** The path's entry in the snapshot, undefined where it has none. What the run says of itself is not asked. */
  readonly base: SnapshotEntry | undefined;
  /** The user has seen the conflict and replaces what is there. Never lets a link, a folder or a device be replaced. */
  readonly overwrite?: boolean | undefined;
  /** The user has approved this one file, having read {@link guardedReason}. Not for "accept all". */
  readonly guardedApproved?: boolean | undefined;
}

function assertApproved({ change, guardedApproved }: AcceptedChange): void {
  const reason = guardedReason(change.path);
  if (reason === undefined || guardedApproved === true) return;
  throw new OffloadError(
    'unsafe-path',
    `${displayPath(change.path)} has to be approved by itself. ${reason}`,
    {
      fix: 'Read the change, then accept this one file.',
    },
  );
}

async function checkedHash(
  { change, edited }: AcceptedChange,
  content: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = await sha256(content, signal);
  if (edited === true || (hash === change.hash && content.length === change.size)) return hash;
  throw new OffloadError(
    'bad-frame',
    `The content of ${displayPath(change.path)} is not what the run announced.`,
    {
      fix: 'Fetch it again, or run again.',
    },
  );
}

async function wantedOf(
  accepted: AcceptedChange,
  signal: AbortSignal | undefined,
): Promise<Replacement['wanted']> {
  const { change, content, base } = accepted;
  if (change.operation === 'delete') return undefined;
  if (!content) {
    throw new OffloadError('unknown-blob', `The content of ${displayPath(change.path)} is not here.`, {
      fix: 'Fetch it again, or run again.',
    });
  }
  // Before a byte is hashed.
  if (content.length > MAX_APPLIED_BYTES) {
    throw new OffloadError('too-large', `${displayPath(change.path)} has ${content.length} bytes.`, {
      fix: `At most ${MAX_APPLIED_BYTES} bytes are written; fetch the file itself, or discard the change.`,
    });
  }
  const hash = await checkedHash(accepted, content, signal);
  const mode = { executable: isExecutable(change.mode), was: base && isExecutable(base.mode) };
  return { hash, size: content.length, content, mode };
}

/** {@link applyChange} below a root that is open already. */
export async function applyChangeIn(
  root: Folder,
  accepted: AcceptedChange,
  signal?: AbortSignal,
): Promise<Undo> {
  const { change, base, overwrite } = accepted;
  assertApproved(accepted);
  const wanted = await wantedOf(accepted, signal);
  const expected = base && { hash: base.hash, size: base.size };
  return replaceFile(root, { path: change.path, expected, wanted, overwrite: overwrite === true, signal });
}

/**
 * Writes or deletes exactly one file below `root`, a folder of this machine, safely whatever the path says and whatever
 * another process does to the folder meanwhile. The file must be what the snapshot says (or already what the change
 * makes of it); else it is a `conflict`, which `overwrite` overrides.
 *
 * Throws an OffloadError: `unsafe-path`, `conflict`, `too-large`, `unknown-blob` or `bad-frame` (the content),
 * `bad-request` (the root), `internal` (the system's error is its cause); or the signal's reason. Then nothing has
 * changed. A signal that comes after the file is in its place is too late and is ignored.
 */
export async function applyChange(
  options: AcceptedChange & { readonly root: string; readonly signal?: AbortSignal | undefined },
): Promise<Undo> {
  const root = await openRoot(options.root);
  try {
    return await applyChangeIn(root, options, options.signal);
  } finally {
    await root.close();
  }
}
