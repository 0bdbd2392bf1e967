import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { contentBytes } from '../../../src/protocol/content.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import type { Baseline, BaselineFile } from './baseline.ts';
import { unwritable } from './unwritable.ts';
import { MAX_PATH_BYTES, TooDeep } from './walk.ts';

/** The tree that a run started from, and how it is compared with what it left. */
export interface PreparedWorkspace {
  /** Without what never comes back. */
  snapshot: Baseline;
  /** The path of a selection's entry, which is ours and no result. */
  ownEntry: string | undefined;
  /**
   * The folder stays as it is for a later run: contents are copied and not moved, and what its own ignore files name is
   * left there.
   */
  stays?: boolean;
}

/**
 * Writes a request's files into a fresh folder, which becomes `owner`'s.
 * @throws OffloadError `bad-request` where two of them cannot stand beside each other, a path is longer than a file
 *   system takes, or the entry is missing
 */
export function prepareWorkspace(
  folder: string,
  request: RunRequest,
  owner: number | undefined,
): PreparedWorkspace {
  const give = (path: string): void => {
    if (owner !== undefined) chownSync(path, owner, owner);
  };
  // The owner passes through the box's folder and has the workspace to itself.
  mkdirSync(dirname(folder), { recursive: true, mode: 0o711 });
  mkdirSync(folder, { mode: 0o700 });
  give(folder);
  const snapshot = new Map<string, BaselineFile>();
  const write = (path: string, bytes: Buffer, mode: number): void => {
    try {
      if (Buffer.byteLength(join(folder, path)) > MAX_PATH_BYTES) throw new TooDeep();
      makeParents(folder, dirname(path), give);
      writeFileSync(join(folder, path), bytes, { flag: 'wx', mode });
    } catch (cause) {
      throw unwritable(path, cause);
    }
    give(join(folder, path));
  };
  for (const { path, content, mode } of request.files) {
    if (path === request.entry && request.code !== undefined) continue;
    const bytes = contentBytes(content);
    const executable = (mode & 0o111) !== 0;
    write(path, bytes, executable ? 0o755 : 0o644);
    const hash = createHash('sha256').update(bytes).digest('hex');
    snapshot.set(path, { kind: 'file', hash, executable });
  }
  if (request.code !== undefined) write(request.entry, Buffer.from(request.code), 0o644);
  else if (!snapshot.has(request.entry)) {
    throw new OffloadError('bad-request', `The entry ${request.entry} is not among the files.`);
  }
  return { snapshot, ownEntry: request.code === undefined ? undefined : request.entry };
}

function makeParents(root: string, folder: string, give: (path: string) => void): void {
  let path = root;
  for (const part of folder === '.' ? [] : folder.split('/')) {
    path = join(path, part);
    try {
      mkdirSync(path, { mode: 0o755 });
      give(path);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') continue;
      throw cause;
    }
  }
}
