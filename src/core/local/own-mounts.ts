import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Tells a backend that it has a mount namespace of its own. */
export const PRIVATE_MOUNTS = '--private-mounts';

/**
 * What a backend's command begins with: root's gets a mount namespace of its own, in which it makes what lies in root's home
 * reachable for the users of boxes. Where the system does not allow that, and for others, nothing.
 */
export async function ownMounts(): Promise<string[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  const command = ['unshare', '--mount', '--propagation', 'slave', '--'];
  try {
    await run('unshare', [...command.slice(1), 'true']);
    return command;
  } catch {
    return [];
  }
}
