import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { PutPart } from '../../../src/protocol/request.ts';
import type { Snapshot, SnapshotEntry } from '../../../src/protocol/snapshot.ts';

/** A tree for tests: a text is a file. */
export type Tree = Record<string, string | Buffer | { link: string } | { program: string }>;

export const hashOf = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** A whole blob as it is put. */
export const wholePart = (content: string | Buffer, hash = hashOf(content)): PutPart => ({
  hash,
  offset: 0,
  base64: Buffer.from(content).toString('base64'),
  last: true,
});

function contentOf(value: Tree[string]): string | Buffer | undefined {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return 'program' in value ? value.program : undefined;
}

function entryOf(path: string, value: Tree[string]): SnapshotEntry {
  const content = contentOf(value);
  if (content === undefined) return { kind: 'link', path, target: (value as { link: string }).link };
  const mode = typeof value === 'object' && 'program' in value ? 0o755 : 0o644;
  return { kind: 'file', path, mode, size: Buffer.byteLength(content), hash: hashOf(content) };
}

export const snapshotOf = (tree: Tree): Snapshot => ({
  format: 1,
  entries: Object.entries(tree)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, value]) => entryOf(path, value)),
});

/** All blobs of a tree, and the snapshot's own. */
function partsOf(tree: Tree): { parts: PutPart[]; name: string } {
  const list = JSON.stringify(snapshotOf(tree));
  const contents = Object.values(tree).flatMap((value) => contentOf(value) ?? []);
  return { parts: [...contents, list].map((content) => wholePart(content)), name: hashOf(list) };
}

/** Puts a tree's blobs; gives the snapshot's name. */
export async function putTree(store: BlobStore, tree: Tree): Promise<string> {
  const { parts, name } = partsOf(tree);
  await store.put(parts);
  return name;
}

/** What lies in a folder, links not followed; folders that hold nothing end with a slash. */
export function treeIn(folder: string, below = ''): Tree {
  const tree: Tree = {};
  const names = readdirSync(join(folder, below));
  if (names.length === 0 && below !== '') tree[below] = '';
  for (const name of names) {
    const path = `${below}${name}`;
    const stats = lstatSync(join(folder, path));
    if (stats.isDirectory()) Object.assign(tree, treeIn(folder, `${path}/`));
    else if (stats.isSymbolicLink()) tree[path] = { link: readlinkSync(join(folder, path)) };
    else if (stats.isFile()) {
      const text = readFileSync(join(folder, path), 'utf8');
      tree[path] = (stats.mode & 0o111) === 0 ? text : { program: text };
    } else tree[path] = { program: 'special' };
  }
  return tree;
}

/** Changes as `operation path`, sorted, and the codes of notices. */
export async function gathered(events: AsyncIterable<EventBody>): Promise<{
  changes: string[];
  notices: { code: string; message: string }[];
  all: EventBody[];
}> {
  const all: EventBody[] = [];
  for await (const event of events) all.push(event);
  const changes = all.flatMap((event) =>
    event.type === 'change' ? [`${event.operation} ${event.path}`] : [],
  );
  const notices = all.flatMap((event) =>
    event.type === 'notice' ? [{ code: event.code, message: event.message }] : [],
  );
  return { changes: changes.sort(), notices, all };
}
