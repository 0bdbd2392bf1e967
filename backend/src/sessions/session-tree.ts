import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { unlessDiskFull } from '../disk-full.ts';
import type { Baseline } from '../workspace/baseline.ts';
import { bringIn } from '../workspace/bring-in.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import { baselineOf, NO_FILES, parseSnapshot, readSnapshot } from '../workspace/read-snapshot.ts';
import { removeFolder } from '../workspace/remove.ts';
import { writeSnapshot } from '../workspace/write-snapshot.ts';
import { writeInOneStep } from './session-record.ts';
import type { Session } from './session.ts';

export interface PlacedTree {
  prepared: PreparedWorkspace;
  /** What the user should know of how it was brought in. */
  notices: EventBody[];
}

/** A snapshot by its hash; null for the empty tree. */
type TreeName = string | null;

/**
 * Makes a session's workspace ready for a run: writes the snapshot, or brings it into what an earlier run has left. A
 * run without a snapshot begins with no files, or goes on with those that are there. A server may be killed at any
 * moment: the next run of the session goes on from what is there then.
 * @param maxBytes bytes that the workspace may take
 * @throws OffloadError `unknown-snapshot`, `bad-request`, `too-large`, `workspace-limit`, `internal` where the disk is
 * full; `signal`'s reason
 */
export async function placeTree(
  session: Session,
  snapshot: string | undefined,
  blobs: BlobStore,
  maxBytes: number,
  signal: AbortSignal,
): Promise<PlacedTree> {
  try {
    const { tree, next = [], owner } = session.record;
    const wanted: TreeName = snapshot ?? tree ?? null;
    if (tree === undefined) {
      await removeFolder(session.workspace);
      const files = await read(session, wanted, blobs);
      const baseline = await writeSnapshot({ folder: session.workspace, owner }, files, blobs, signal);
      settle(session, wanted, baseline);
      return placed(baseline, []);
    }
    if (wanted === tree && next.length === 0) return placed(await load(session, tree, blobs), []);
    const files = await read(session, wanted, blobs);
    const bases: Baseline[] = [];
    for (const each of [tree, ...next]) bases.push(await load(session, each, blobs));
    session.update({ next: [...next.filter((each) => each !== wanted), wanted] });
    const incoming = join(session.folder, 'incoming');
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { mode: 0o700 });
    const kept = { folder: session.workspace, incoming, owner, maxBytes };
    const { baseline, notices } = await bringIn(kept, bases, files, blobs, signal);
    settle(session, wanted, baseline);
    return placed(baseline, notices);
  } catch (error) {
    throw unlessDiskFull(error, session.folder);
  }
}

const placed = (snapshot: Baseline, notices: EventBody[]): PlacedTree => ({
  prepared: { snapshot, ownEntry: undefined, stays: true },
  notices,
});

/** Writes down what the workspace holds, and forgets what it held. */
function settle(session: Session, tree: TreeName, baseline: Baseline): void {
  const stamps = [...baseline.values()].map((entry) => {
    if (entry.kind !== 'file' || entry.stamp === undefined) return null;
    const { inode, size, modifiedMs, changedMs } = entry.stamp;
    return [inode, size, modifiedMs, changedMs];
  });
  writeInOneStep(join(session.folder, STAMPS), JSON.stringify({ tree, stamps }));
  session.update({ tree, next: undefined });
  for (const name of readdirSync(session.folder)) {
    if (name.startsWith(LIST) && name !== listName(tree)) rmSync(join(session.folder, name), { force: true });
  }
}

const STAMPS = 'stamps.json';
const stampsSchema = z.object({
  tree: z.nullable(z.string()),
  stamps: z.array(z.nullable(z.tuple([z.number(), z.number(), z.number(), z.number()]))),
});

/** A tree that the workspace has held, with the stamps of its files where they were written down. */
async function load(session: Session, tree: TreeName, blobs: BlobStore): Promise<Baseline> {
  const baseline = baselineOf(await read(session, tree, blobs));
  try {
    const written = stampsSchema.parse(JSON.parse(readFileSync(join(session.folder, STAMPS), 'utf8')));
    if (written.tree !== tree || written.stamps.length !== baseline.size) return baseline;
    for (const [index, entry] of [...baseline.values()].entries()) {
      const stamp = written.stamps[index];
      if (entry.kind !== 'file' || stamp === undefined || stamp === null) continue;
      const [inode, size, modifiedMs, changedMs] = stamp;
      entry.stamp = { inode, size, modifiedMs, changedMs };
    }
  } catch {
    // Then every file is read to know it.
  }
  return baseline;
}

const LIST = 'tree-';
const listName = (tree: TreeName): string => `${LIST}${tree ?? 'empty'}.json`;

/** A snapshot's list of files, of which the session keeps a copy: blobs come and go. */
async function read(session: Session, tree: TreeName, blobs: BlobStore): Promise<Snapshot> {
  if (tree === null) return NO_FILES;
  const copy = join(session.folder, listName(tree));
  try {
    return parseSnapshot(readFileSync(copy));
  } catch {
    const snapshot = await readSnapshot(blobs, tree);
    writeInOneStep(copy, JSON.stringify(snapshot));
    return snapshot;
  }
}
