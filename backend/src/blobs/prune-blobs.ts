import { lstatSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { Slices } from '../slices.ts';

/** Milliseconds for which nothing that was used goes. */
const SAFE_TIME = 3600 * 1000;

export interface BlobBounds {
  /** Milliseconds without use. */
  maxAgeMs: number;
  /** Bytes of all blobs together. */
  maxBytes: number;
}

const BOUNDS: BlobBounds = { maxAgeMs: 14 * 24 * 3600 * 1000, maxBytes: 4 * 1024 ** 3 };

interface Blob {
  path: string;
  usedAt: number;
  size: number;
}

/**
 * Removes blobs that have not been used for long, then the least used ones until the rest is within its bounds; and
 * what is left of uploads. What was used within the last hour stays, also where it is marked just now by another server.
 */
export async function pruneBlobs(
  folder: string,
  incoming: string,
  bounds: Partial<BlobBounds> = {},
): Promise<void> {
  const { maxAgeMs, maxBytes } = { ...BOUNDS, ...bounds };
  const safe = Date.now() - SAFE_TIME;
  const oldest = Math.min(safe, Date.now() - maxAgeMs);
  const all: Blob[] = [];
  const slices = new Slices();
  for (const shard of names(folder)) {
    for (const name of names(join(folder, shard))) {
      const path = join(folder, shard, name);
      const stats = lstat(path);
      if (stats === undefined) continue;
      if (shard !== incoming) all.push({ path, usedAt: stats.mtimeMs, size: stats.size });
      else if (stats.mtimeMs < safe) rmSync(path, { force: true });
    }
    await slices.next();
  }
  all.sort((a, b) => a.usedAt - b.usedAt);
  let bytes = all.reduce((sum, { size }) => sum + size, 0);
  const aside = join(folder, incoming);
  for (const blob of all) {
    if (blob.usedAt >= oldest && (bytes <= maxBytes || blob.usedAt >= safe)) break;
    if (removeUnlessUsed(blob.path, aside, safe)) bytes -= blob.size;
    await slices.next();
  }
}

/**
 * Moves a blob aside before it goes: whoever marks it as used before that is seen, whoever looks after it finds it
 * missing.
 */
function removeUnlessUsed(path: string, asideFolder: string, safe: number): boolean {
  const aside = join(asideFolder, `pruned-${path.slice(-62)}`);
  try {
    renameSync(path, aside);
    if (lstatSync(aside).mtimeMs >= safe) {
      renameSync(aside, path);
      return false;
    }
  } catch {
    // Another server prunes it.
    return false;
  }
  rmSync(aside, { force: true });
  return true;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
