import { createHash } from 'node:crypto';
import { chmodSync, constants, type Stats } from 'node:fs';
import { chmod, chown, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { isWorkspacePath } from '../../../src/protocol/path.ts';
import type { PreparedWorkspace, SnapshotEntry } from './prepare.ts';
import { walkWithin } from './size.ts';
import type { Found } from './walk.ts';

/** Changes that one run can bring back. */
const MAX_CHANGES = 10_000;
/** Names of left-out things that are listed. */
const MAX_NAMED = 5;
const READ_BYTES = 1024 * 1024;

/**
 * Compares a workspace with what it started from, once nothing runs in it any more, and moves the content of what
 * differs into the folder of blobs. Only regular files come back: links, pipes, devices and names that are not UTF-8 are
 * left out, and said to be.
 * @throws OffloadError `workspace-limit` for a workspace that takes more than `maxBytes`; nothing of it comes back
 */
export async function* collectChanges(
  folder: string,
  blobs: string,
  prepared: PreparedWorkspace,
  maxBytes: number,
): AsyncGenerator<EventBody, void, undefined> {
  const all: Found[] = [];
  for await (const found of walkWithin(folder, maxBytes, opened)) all.push(found);
  all.sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
  const missing = new Set(prepared.snapshot.keys());
  const leftOut: string[] = [];
  let changes = 0;
  let cut = 0;
  for (const found of all) {
    const { path, stats } = found;
    if (path !== undefined && stats.isDirectory()) continue;
    if (path === undefined || !isWorkspacePath(path) || !stats.isFile()) {
      leftOut.push(describe(found));
      continue;
    }
    missing.delete(path);
    if (path === prepared.ownEntry) continue;
    const change = await takeChange(join(folder, path), blobs, { path, stats }, prepared.snapshot.get(path));
    if (change === undefined) continue;
    if (changes >= MAX_CHANGES) cut++;
    else {
      changes++;
      yield change;
    }
  }
  for (const path of missing) yield { type: 'change', path, operation: 'delete', mode: 0, size: 0 };
  if (leftOut.length > 0) {
    const named = leftOut.slice(0, MAX_NAMED).join(', ');
    const more = leftOut.length > MAX_NAMED ? ` and ${String(leftOut.length - MAX_NAMED)} more` : '';
    yield {
      type: 'notice',
      code: 'left-out',
      message: `Left out, since only files come back: ${named}${more}.`,
    };
  }
  if (cut > 0) {
    const message = `${String(cut)} more files changed than the ${String(MAX_CHANGES)} that come back.`;
    yield { type: 'notice', code: 'changes-cut', message };
  }
}

/** Opens a folder that the program has closed to itself. Nothing runs any more that could put a link in its place. */
function opened(folder: Buffer): boolean {
  try {
    chmodSync(folder, 0o700);
    return true;
  } catch {
    return false;
  }
}

async function takeChange(
  place: string,
  blobs: string,
  { path, stats }: { path: string; stats: Stats },
  before: SnapshotEntry | undefined,
): Promise<EventBody | undefined> {
  const mode = (stats.mode & 0o111) === 0 ? 0o644 : 0o755;
  if ((stats.mode & 0o400) === 0) await chmod(place, 0o600);
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let hash: string;
  let size = 0;
  try {
    const digest = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, stats.size + 1));
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) break;
      digest.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    hash = digest.digest('hex');
  } finally {
    await file.close();
  }
  if (before?.hash === hash && before.executable === (mode === 0o755)) return undefined;
  await mkdir(blobs, { recursive: true, mode: 0o700 });
  const blob = join(blobs, hash);
  await rename(place, blob);
  if (process.getuid?.() === 0) await chown(blob, 0, 0);
  await chmod(blob, 0o600);
  return { type: 'change', path, operation: before === undefined ? 'create' : 'modify', mode, size, hash };
}

function describe({ path, stats }: Found): string {
  const name = path === undefined ? 'a name that is not UTF-8' : JSON.stringify(path);
  if (stats.isSymbolicLink()) return `${name} (a link)`;
  if (stats.isFIFO()) return `${name} (a pipe)`;
  return stats.isFile() ? name : `${name} (a special file)`;
}
