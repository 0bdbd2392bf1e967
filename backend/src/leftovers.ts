import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BOX_WORKSPACE } from '../../src/protocol/workspace-folder.ts';
import { BOX_GATE, BOX_MODEL } from './isolation/bubblewrap-arguments.ts';
import { hasEnded } from './isolation/process-tree.ts';
import { removeFolder } from './workspace/remove.ts';

/** Ends and removes what backends that were killed have left: boxes with their workspaces, pipes and sockets. */
export async function sweepLeftovers(boxes: string, runtime: string): Promise<void> {
  for (const name of list(boxes).filter(isOfDead)) {
    endBoxes(name);
    await removeFolder(join(boxes, name));
  }
  for (const name of list(runtime)) {
    const owner = /\.(\d+)(\.link)?$/.exec(name)?.[1];
    if (owner !== undefined && isOfDead(owner)) rmSync(join(runtime, name), { recursive: true, force: true });
  }
}

/**
 * Ends the processes whose workspace, or whose way to a model or the network, is one of a backend's, which is named by its
 * process id. A box dies with its backend, except in the moment between bubblewrap's start and its asking for that (prctl
 * PR_SET_PDEATHSIG).
 */
function endBoxes(backend: string): void {
  for (const pid of list('/proc').map(Number).filter(Number.isInteger)) {
    try {
      const mounts = readFileSync(`/proc/${String(pid)}/mountinfo`, 'utf8').split('\n');
      const isOf = (place: string, folder: string): boolean =>
        mounts.some((mount) => mount.includes(` ${place} `) && mount.includes(folder));
      const isItsOwn =
        isOf(BOX_WORKSPACE, `/boxes/${backend}/`) ||
        isOf(BOX_MODEL, `/models.${backend}/`) ||
        isOf(BOX_GATE, `/gates.${backend}/`);
      if (isItsOwn) process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile, or another user's.
    }
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
