import type { AcceptedChange } from '../../core/changes/apply.ts';
import { applyChanges, type Outcome } from '../../core/changes/apply-all.ts';
import type { Undo } from '../../core/changes/replace.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Contents } from './contents.ts';
import { hasOtherEdits } from './open-documents.ts';
import type { ReviewFile } from './review.ts';

/** What an accepting did: enough to take all of it back in one step. */
export interface Accepted {
  /** The files that were written or deleted, in this order, with what takes each back. */
  files: ReviewFile[];
  undos: PlacedUndo[];
  /** Edited review copies, which are gone with the review. */
  edits: Map<ReviewFile, Uint8Array>;
  failures: OffloadError[];
}

/** What takes a file back, below the folder that it is in. */
export interface PlacedUndo {
  file: ReviewFile;
  /** Absolute. */
  root: string;
  undo: Undo;
}

/** A file on its way into the workspace; the change's path is the one below `root`. */
export interface Candidate extends AcceptedChange {
  file: ReviewFile;
  /** Absolute. */
  root: string;
}

/** A file that is not as it was sent, and what is with it. */
export interface Conflict {
  candidate: Candidate;
  why: string;
}

/**
 * A file with all that applying it needs.
 * @throws OffloadError `not-supported` for one that lies in no folder of the workspace
 */
export async function candidateOf(contents: Contents, file: ReviewFile): Promise<Candidate> {
  const { review, place } = file;
  if (place === undefined) {
    throw new OffloadError('not-supported', `${file.label} lies beside the folders of the workspace.`, {
      fix: 'Open the change and save a copy where you want it, or discard it.',
    });
  }
  const base = review.snapshot.get(file.change.path);
  const change = { ...file.change, path: place.path };
  const candidate = {
    file,
    root: place.root.fsPath,
    change,
    base,
    guardedApproved: file.guarded !== undefined,
  };
  if (change.operation === 'delete') return candidate;
  return { ...candidate, ...(await contents.read(file)) };
}

/** Applies what can be applied, notes it in `accepted`, and gives what is in conflict. */
export async function applyFiles(accepted: Accepted, candidates: readonly Candidate[]): Promise<Conflict[]> {
  const conflicts: Conflict[] = [];
  const ready: Candidate[] = [];
  for (const candidate of candidates) {
    const { file, overwrite } = candidate;
    if (overwrite !== true && (await hasOtherEdits(file))) {
      conflicts.push({ candidate, why: `${file.label} has unsaved edits in the editor.` });
    } else ready.push(candidate);
  }
  for (const [root, group] of byRoot(ready)) {
    const outcomes = await applyChanges({ root, changes: group });
    for (const [index, outcome] of outcomes.entries()) {
      const candidate = group[index];
      if (candidate === undefined) continue;
      const why = record(accepted, candidate, outcome);
      if (why !== undefined) conflicts.push({ candidate, why });
    }
  }
  return conflicts;
}

/** What lies below each root, in the order given. */
export function byRoot<T extends { root: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.root, [...(groups.get(item.root) ?? []), item]);
  return groups;
}

/** Notes what became of one file; gives what it is in conflict with. */
function record(accepted: Accepted, candidate: Candidate, outcome: Outcome): string | undefined {
  const { file, root } = candidate;
  if (outcome.state === 'done') {
    accepted.files.push(file);
    accepted.undos.push({ file, root, undo: outcome.undo });
    if (candidate.edited === true && candidate.content) accepted.edits.set(file, candidate.content);
  } else if (outcome.state === 'failed') {
    if (outcome.error.code === 'conflict') return outcome.error.message;
    accepted.failures.push(outcome.error);
  }
  return undefined;
}

/** Bytes of content that are held at once. */
const BATCH_BYTES = 256 * 1024 * 1024;

/** The files in groups that fit into memory; mostly one. */
export function batches(files: readonly ReviewFile[]): ReviewFile[][] {
  const groups: ReviewFile[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    bytes += file.change.size;
    if (bytes > BATCH_BYTES) {
      groups.push([]);
      bytes = file.change.size;
    }
    groups.at(-1)?.push(file);
  }
  return groups;
}
