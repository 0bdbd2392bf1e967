import { hash } from 'node:crypto';
import type { Snapshot, SnapshotEntry } from '../../protocol/snapshot.ts';
import type { LeftOut } from './left-out.ts';
import { placeOf, type PlacedRoot } from './roots.ts';

/** A snapshot of the workspace on this machine, not sent yet. */
export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** The snapshot as it travels. */
  readonly manifest: Buffer;
  /** The snapshot's name: the SHA-256 of `manifest`. */
  readonly hash: string;
  readonly roots: readonly PlacedRoot[];
  /** Contents that are not on the disk, by path: of unsaved editors, and of small files that change all the time. */
  readonly held: ReadonlyMap<string, Buffer>;
  /** In no order. Of what is ignored, a part. */
  readonly leftOut: readonly LeftOut[];
  /** Files and folders that are ignored. */
  readonly ignored: number;
}

type Parts = Omit<TakenSnapshot, 'snapshot' | 'manifest' | 'hash'> & { entries: SnapshotEntry[] };

/** `entries` come in the order of their paths. */
export function takenSnapshot({ entries, roots, ...rest }: Parts): TakenSnapshot {
  const names = roots.filter(({ prefix }) => prefix !== '').map(({ prefix }) => prefix.slice(0, -1));
  const snapshot: Snapshot = { format: 1, ...(names.length === 0 ? {} : { roots: names }), entries };
  const manifest = Buffer.from(JSON.stringify(snapshot), 'utf8');
  return { ...rest, roots, snapshot, manifest, hash: hash('sha256', manifest, 'hex') };
}

/** The same without some files: they are left out for a reason. */
export function withoutFiles(
  taken: TakenSnapshot,
  paths: ReadonlySet<string>,
  reason: LeftOut['reason'],
): TakenSnapshot {
  if (paths.size === 0) return taken;
  const leftOut = [...taken.leftOut, ...[...paths].map((path) => ({ path, reason }))];
  const entries = taken.snapshot.entries.filter(({ path }) => !paths.has(path));
  return takenSnapshot({ ...taken, entries, leftOut });
}

/** Where the content of a file is: in memory, or at a place on the disk. */
export type Source = { readonly content: Buffer } | { readonly place: string };

/** The source of a file of the snapshot. What is on the disk may have changed since. */
export function sourceOf(taken: TakenSnapshot, path: string): Source {
  const content = taken.held.get(path);
  if (content !== undefined) return { content };
  const place = placeOf(taken.roots, path);
  if (place === undefined) throw new Error('a path of a snapshot is in one of its roots');
  return { place };
}
