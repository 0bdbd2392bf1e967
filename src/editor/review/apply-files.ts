import type { AcceptedChange } from '../../core/changes/apply.ts';
import { applyChanges, type Outcome } from '../../core/changes/apply-all.ts';
import type { Undo } from '../../core/changes/replace.ts';
import type { OffloadError } from '../../protocol/error.ts';
import type { Contents } from './contents.ts';
import { hasOtherEdits } from './open-documents.ts';
import type { ReviewFile } from './review.ts';

/** What an accepting did: enough to take all of it back in one step. */
export interface Accepted {
  root: string;
  files: ReviewFile[];
  undos: Undo[];
  /** Edited review copies, which are gone with the review. */
  edits: Map<ReviewFile, Uint8Array>;
  failures: OffloadError[];
}

/** A file on its way into the workspace. */
export interface Candidate extends AcceptedChange {
  file: ReviewFile;
}

/** A file that is not as it was sent, and what is with it. */
export interface Conflict {
  candidate: Candidate;
  why: string;
}

/** A file with all that applying it needs. */
export async function candidateOf(contents: Contents, file: ReviewFile): Promise<Candidate> {
  const { change, review } = file;
  const base = review.snapshot.get(change.path);
  const guardedApproved = file.guarded !== undefined;
  if (change.operation === 'delete') return { file, change, base, guardedApproved };
  return { file, change, base, guardedApproved, ...(await contents.read(file)) };
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
  const outcomes = await applyChanges({ root: accepted.root, changes: ready });
  for (const [index, outcome] of outcomes.entries()) {
    const candidate = ready[index];
    if (candidate === undefined) continue;
    const why = record(accepted, candidate, outcome);
    if (why !== undefined) conflicts.push({ candidate, why });
  }
  return conflicts;
}

/** Notes what became of one file; gives what it is in conflict with. */
function record(accepted: Accepted, candidate: Candidate, outcome: Outcome): string | undefined {
  if (outcome.state === 'done') {
    accepted.files.push(candidate.file);
    accepted.undos.push(outcome.undo);
    if (candidate.edited === true && candidate.content) accepted.edits.set(candidate.file, candidate.content);
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
