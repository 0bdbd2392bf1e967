import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import type { EventBody } from '../../../src/protocol/event.ts';
import { isWorkspacePath } from '../../../src/protocol/path.ts';
import { Slices } from '../slices.ts';
import { hasStamp, type BaselineEntry } from './baseline.ts';
import { copyContent } from './copy-content.ts';
import { Ignored } from './ignored.ts';
import { leftContent, whileReadable } from './left-content.ts';
import { LeftThere } from './left-there.ts';
import type { PreparedWorkspace } from './prepare.ts';
import { walkWithin } from './size.ts';
import type { Found } from './walk.ts';

/** Changes that one run can bring back. */
const MAX_CHANGES = 10_000;

/**
 * Compares a workspace with what it started from, once nothing runs in it any more, and puts the content of what
 * differs into the folder of blobs: moved there, or copied where the workspace stays. Only regular files come back:
 * links, pipes, devices and names that are not UTF-8 are left out, and said to be. A link that was sent and is gone is
 * a deletion.
 * @throws OffloadError `workspace-limit` for a workspace that takes more than `maxBytes`; nothing of it comes back
 */
export async function* collectChanges(
  folder: string,
  blobs: string,
  prepared: PreparedWorkspace,
  maxBytes: number,
): AsyncGenerator<EventBody, void, undefined> {
  const { snapshot, ownEntry, stays = false } = prepared;
  const all: Found[] = [];
  for await (const found of walkWithin(folder, maxBytes, opened)) all.push(found);
  all.sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
  const ignored = stays ? new Ignored(folder, all) : undefined;
  const missing = new Set(snapshot.keys());
  const left = new LeftThere();
  const slices = new Slices();
  let changes = 0;
  let cut = 0;
  for (const found of all) {
    await slices.next();
    const { path, stats } = found;
    if (path !== undefined && stats.isDirectory()) continue;
    const before = path === undefined ? undefined : snapshot.get(path);
    if (path !== undefined && before === undefined) {
      const outermost = ignored?.outermost(path);
      if (outermost !== undefined) {
        left.ignore(outermost);
        continue;
      }
    }
    if (path === undefined || !isWorkspacePath(path) || !stats.isFile()) {
      const isLink = path !== undefined && before?.kind === 'link' && stats.isSymbolicLink();
      if (isLink) missing.delete(path);
      if (!isLink || readlinkSync(join(folder, path)) !== before.target) left.leaveOut(found);
      continue;
    }
    missing.delete(path);
    if (path === ownEntry) continue;
    const change = await takeChange(join(folder, path), blobs, { path, stats }, before, stays);
    if (change === undefined) continue;
    if (changes >= MAX_CHANGES) cut++;
    else {
      changes++;
      yield change;
    }
  }
  for (const path of missing) yield { type: 'change', path, operation: 'delete', mode: 0, size: 0 };
  yield* left.notices();
  if (cut > 0) {
    const message = `${String(cut)} more files changed than the ${String(MAX_CHANGES)} that come back.`;
    yield { type: 'notice', code: 'changes-cut', message };
  }
}

/** Opens a folder that the program has closed to itself. Nothing runs any more that could put a link in its place. */
export function opened(folder: Buffer): boolean {
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
  before: BaselineEntry | undefined,
  stays: boolean,
): Promise<EventBody | undefined> {
  if (before?.kind === 'file' && hasStamp(stats, before.stamp)) return undefined;
  const mode = (stats.mode & 0o111) === 0 ? 0o644 : 0o755;
  const { hash, size } = await leftContent(place, stats);
  if (before?.kind === 'file' && before.hash === hash && before.executable === (mode === 0o755))
    return undefined;
  const blob = join(blobs, hash);
  mkdirSync(blobs, { recursive: true, mode: 0o700 });
  if (!stays) {
    renameSync(place, blob);
    if (process.getuid?.() === 0) chownSync(blob, 0, 0);
    chmodSync(blob, 0o600);
  } else if (!existsSync(blob)) {
    const part = `${blob}.part`;
    rmSync(part, { force: true });
    await whileReadable(place, stats, () => copyContent(place, part, 0o600, undefined));
    renameSync(part, blob);
  }
  return { type: 'change', path, operation: before === undefined ? 'create' : 'modify', mode, size, hash };
}
