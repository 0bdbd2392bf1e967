import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasEnded } from './isolation/process-tree.ts';
import { removeFolder } from './workspace/remove.ts';

/** Removes what backends that were killed have left: the workspaces of their boxes, their pipes and sockets. */
export async function sweepLeftovers(boxes: string, runtime: string): Promise<void> {
  for (const name of list(boxes)) if (isOfDead(name)) await removeFolder(join(boxes, name));
  for (const name of list(runtime)) {
    const owner = /\.(\d+)(\.link)?$/.exec(name)?.[1];
    if (owner !== undefined && isOfDead(owner)) rmSync(join(runtime, name), { recursive: true, force: true });
  }
}

const isOfDead = (name: string): boolean => /^\d+$/.test(name) && hasEnded(Number(name));

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
