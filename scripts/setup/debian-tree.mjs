import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './command.mjs';
import { SetupError, Unfit } from './project.mjs';

/** Where this machine's own apt has Debian from; undefined where that is not said, or it has another system. */
export async function debianMirror() {
  const targets = await output('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  return targets?.split('\n').find((address) => /^https?:.*\/debian\/?$/.test(address));
}

/** A device file that can be written, and something mounted. */
const PROBE = 'mknod "$1/null" c 1 3 && echo > "$1/null" && mount -t tmpfs tmpfs "$1" && umount "$1"';

/** The error for a Debian that could not be made in a folder: even root may lack the rights that this takes. */
export async function treeFailure(folder, message) {
  const place = mkdtempSync(join(folder, 'probe-'));
  try {
    const may = (await output('/bin/sh', ['-c', PROBE, 'sh', place])) !== undefined;
    return may ? new SetupError(message) : new Unfit(`${message} (this user may not make devices or mounts)`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
