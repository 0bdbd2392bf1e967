import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './command.mjs';
import { debianMirror, treeFailure } from './debian-tree.mjs';
import { SetupError } from './project.mjs';

/** The release that the image is made of; its base on AWS is the same one from a public registry. */
const RELEASE = 'trixie';

/**
 * The name of the least Debian there is, as an image, which is made when the engine does not have it.
 * @param step runs a command line; throws where it fails
 */
export async function debianBase({ podman, folder }, step) {
  const mirror = await debianMirror();
  const key = createHash('sha256')
    .update(`${RELEASE} ${mirror} ${process.arch} without lists`)
    .digest('hex')
    .slice(0, 12);
  const name = `localhost/offload-base:${RELEASE}-${key}`;
  if ((await output(podman[0], [...podman.slice(1), 'image', 'exists', name])) !== undefined) return name;
  const place = mkdtempSync(join(folder, 'base-'));
  try {
    const tree = join(place, 'tree');
    const archive = join(place, 'base.tar');
    const options = ['--variant=minbase', RELEASE, tree, ...(mirror ? [mirror] : [])];
    try {
      await step('debootstrap', ['debootstrap', ...options]);
    } catch (error) {
      throw error instanceof SetupError ? await treeFailure(folder, error.message) : error;
    }
    // A public base image has no packages and lists of them left either.
    for (const left of ['cache/apt', 'lib/apt/lists'])
      rmSync(join(tree, 'var', ...left.split('/')), { recursive: true, force: true });
    await step('packing the base', ['tar', '--numeric-owner', '-cf', archive, '-C', tree, '.']);
    await step('importing the base', [...podman, 'import', '--quiet', archive, name]);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return name;
}
