import { randomBytes } from 'node:crypto';
import { lchownSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Snapshot, SnapshotEntry } from '../../../src/protocol/snapshot.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { unlessDiskFull } from '../disk-full.ts';
import { Slices } from '../slices.ts';
import { isSameEntry, withoutLatest, type Baseline } from './baseline.ts';
import { KeptFolder } from './kept-folder.ts';
import { listed } from './left-there.ts';
import { baselineOf, requireContents } from './read-snapshot.ts';
import { writeSnapshotFile } from './write-snapshot.ts';

export interface KeptWorkspace {
  /** The workspace as an agent has left it. Nothing runs in it. */
  folder: string;
  /** A folder of ours on the same file system, where files are made that then take their places in one step. */
  incoming: string;
  owner: number | undefined;
  /** Bytes that the workspace may take. */
  maxBytes: number;
}

export interface BroughtIn {
  baseline: Baseline;
  notices: EventBody[];
}

/**
 * Brings what the user has changed since into a workspace that an agent has worked in. What the agent has not touched
 * becomes the user's; what both have changed, differently, stays the agent's, is named in a notice, and comes back as a
 * change against the user's tree. No link that lies in the workspace is followed. Cut short, it can be done again.
 * @param bases the trees that the workspace may come from: the one that it began from, and, where bringing in another
 * one was cut short, that one
 * @throws OffloadError `unknown-snapshot`, `bad-request`, `workspace-limit`; `signal`'s reason
 */
export async function bringIn(
  { folder, incoming, owner, maxBytes }: KeptWorkspace,
  bases: readonly Baseline[],
  snapshot: Snapshot,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<BroughtIn> {
  const kept = await KeptFolder.read(folder, owner, maxBytes);
  const users = baselineOf(snapshot);
  const { remove, write, agents } = await compare(kept, bases, users, signal);
  const entries = snapshot.entries.filter(({ path }) => write.has(path));
  await requireContents(blobs, entries);
  try {
    for (const path of remove) kept.remove(path);
    const slices = new Slices();
    for (const entry of linksLast(entries)) {
      await slices.next();
      signal.throwIfAborted();
      if (!kept.makeWay(entry.path)) {
        agents.push(entry.path);
        continue;
      }
      const made = join(incoming, randomBytes(16).toString('hex'));
      await make(entry, made, blobs, owner);
      renameSync(made, join(folder, entry.path));
      kept.written(entry.path, entry.kind === 'file' ? entry.hash : undefined);
    }
  } catch (error) {
    throw unlessDiskFull(error, folder);
  }
  for (const [path, entry] of users) {
    if (entry.kind !== 'file') continue;
    const known = bases.map((base) => base.get(path));
    entry.stamp = kept.stamp(path, entry, known);
  }
  const baseline = withoutLatest(users, kept.latestMs);
  return { baseline, notices: agents.length === 0 ? [] : [keptAgents(agents)] };
}

interface Differences {
  /** Paths that the user has removed, and the agent has not touched. */
  remove: string[];
  /** Paths that become the user's. */
  write: Set<string>;
  /** Paths that both have changed. */
  agents: string[];
}

async function compare(
  kept: KeptFolder,
  bases: readonly Baseline[],
  users: Baseline,
  signal: AbortSignal,
): Promise<Differences> {
  const differences: Differences = { remove: [], write: new Set(), agents: [] };
  const slices = new Slices();
  for (const path of new Set([...bases.flatMap((base) => [...base.keys()]), ...users.keys()])) {
    await slices.next();
    signal.throwIfAborted();
    const wanted = users.get(path);
    const before = bases.map((base) => base.get(path));
    // What the user has not changed is the agent's to change.
    if (before.every((entry) => isSameEntry(entry, wanted))) continue;
    const now = await kept.entry(path, before);
    if (isSameEntry(now, wanted)) continue;
    if (!before.some((entry) => isSameEntry(entry, now))) differences.agents.push(path);
    else if (wanted === undefined) differences.remove.push(path);
    else differences.write.add(path);
  }
  return differences;
}

/** So that no path leads through a link of ours, whatever names the file system takes for one. */
const linksLast = (entries: SnapshotEntry[]): SnapshotEntry[] =>
  entries.sort((a, b) => Number(a.kind === 'link') - Number(b.kind === 'link'));

/** Makes one entry of a snapshot where nothing stands. */
async function make(
  entry: SnapshotEntry,
  place: string,
  blobs: BlobStore,
  owner: number | undefined,
): Promise<void> {
  if (entry.kind === 'file') await writeSnapshotFile(entry, place, blobs, owner);
  else {
    symlinkSync(entry.target, place);
    if (owner !== undefined) lchownSync(place, owner, owner);
  }
}

const keptAgents = (paths: readonly string[]): EventBody => {
  const names = listed(paths.map((path) => JSON.stringify(path)));
  const message = `You and the agent have both changed ${names} since: the agent's version stays, and comes back as a change.`;
  return { type: 'notice', code: 'kept-agents-version', message };
};
