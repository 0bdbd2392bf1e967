import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { runIdSchema } from '../../../src/protocol/id.ts';
import { removeFolder } from '../workspace/remove.ts';
import { takenBytes } from '../workspace/size.ts';
import { walk } from '../workspace/walk.ts';
import { readRecord, writeInOneStep } from './session-record.ts';

/** Names of folders that are being made, and of those that are being removed. */
export const NEW = '.new-';
const REMOVED = '.removed-';

/** Milliseconds for which nothing that was used goes, and nothing that is being made. */
const SAFE_TIME = 3600 * 1000;

export interface SessionBounds {
  /** Milliseconds without use. */
  maxAgeMs: number;
  /** Bytes of all sessions together. */
  maxBytes: number;
}

const BOUNDS: SessionBounds = { maxAgeMs: 14 * 24 * 3600 * 1000, maxBytes: 8 * 1024 ** 3 };

interface Kept {
  id: string;
  usedAt: number;
  bytes: number;
}

/**
 * Removes sessions that have not been used for long, then the least used ones until the rest is within its bounds. One
 * that is in use stays, and so does what was used within the last hour.
 * @param take takes a session away from others; undefined where it is in use
 */
export async function pruneSessions(
  folder: string,
  take: (id: string) => Promise<(() => void) | undefined>,
  bounds: Partial<SessionBounds> = {},
): Promise<void> {
  const { maxAgeMs, maxBytes } = { ...BOUNDS, ...bounds };
  const safe = Date.now() - SAFE_TIME;
  const oldest = Math.min(safe, Date.now() - maxAgeMs);
  const all: Kept[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) continue;
    if (name.startsWith(REMOVED) || (name.startsWith(NEW) && stats.mtimeMs < safe)) await removeFolder(path);
    else if (runIdSchema.safeParse(name).success) {
      const usedAt = readRecord(path)?.usedAt ?? stats.mtimeMs;
      all.push({ id: name, usedAt, bytes: await bytesOf(path) });
    }
  }
  all.sort((a, b) => a.usedAt - b.usedAt);
  let bytes = all.reduce((sum, kept) => sum + kept.bytes, 0);
  for (const kept of all) {
    if (kept.usedAt >= oldest && (bytes <= maxBytes || kept.usedAt >= safe)) break;
    if (await remove(folder, kept, take)) bytes -= kept.bytes;
  }
  removeLinksToNothing(folder);
}

async function remove(
  folder: string,
  { id, usedAt }: Kept,
  take: (id: string) => Promise<(() => void) | undefined>,
): Promise<boolean> {
  const path = join(folder, id);
  let release: (() => void) | undefined;
  try {
    release = await take(id);
  } catch {
    // Another server has removed it.
    return false;
  }
  if (release === undefined) return false;
  try {
    // It may have been used between the look and the lock.
    if ((readRecord(path)?.usedAt ?? usedAt) !== usedAt) return false;
    const removed = join(folder, `${REMOVED}${id}-${randomBytes(8).toString('hex')}`);
    renameSync(path, removed);
    await removeFolder(removed);
    return true;
  } finally {
    release();
  }
}

const sizeSchema = z.object({ runs: z.int(), bytes: z.number() });

/** Bytes of a session. They are counted once for each run, since a workspace may hold very many files. */
async function bytesOf(path: string): Promise<number> {
  const runs = readRecord(path)?.runs.length ?? 0;
  const file = join(path, 'size.json');
  try {
    const size = sizeSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (size.runs === runs) return size.bytes;
  } catch {
    // Not counted yet.
  }
  let bytes = 0;
  try {
    for await (const found of walk(path, () => false)) bytes += takenBytes(found);
    writeInOneStep(file, JSON.stringify({ runs, bytes }));
  } catch {
    // What lies too deep, or cannot be written down, counts for what was seen of it.
  }
  return bytes;
}

/** The runs of sessions that are gone. */
function removeLinksToNothing(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (isLink && !existsSync(path)) rmSync(path, { force: true });
  }
}
