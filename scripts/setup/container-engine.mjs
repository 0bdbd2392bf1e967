import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, output } from './command.mjs';
import { Unfit, cacheFolder } from './project.mjs';
import { lacking } from './system-packages.mjs';

/**
 * The machine's podman and buildah with image stores of our own in the cache, as command lines to add to. `elsewhere` is
 * podman with another store, which has only what it pulled; `runtime` is the program that starts containers. What is
 * temporary lies in /run, which a restart empties.
 * @param missing the Debian packages that this machine lacks
 */
export async function containerEngine(missing) {
  if (process.platform !== 'linux')
    throw new Unfit(`images are built on Linux (this is ${process.platform})`);
  if (process.getuid() !== 0) throw new Unfit('the image is built and run as root, and this is another user');
  if (missing.length > 0) throw lacking(`this machine has no ${missing.join(', ')}`);
  const folder = join(cacheFolder(), 'images');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const overlay = await driver(folder);
  const temporary = `/run/offload-dev-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
  // A store remembers where its temporary folder is, and is refused with another.
  const store = (name, place) => [
    '--root',
    join(folder, name),
    '--runroot',
    join(place, 'storage'),
    ...overlay,
  ];
  const podman = (name, place) => [
    findProgram('podman'),
    ...store(name, place),
    ...['--tmpdir', join(place, 'libpod'), '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
  ];
  return {
    folder,
    podman: podman('store', temporary),
    buildah: [findProgram('buildah'), ...store('store', temporary)],
    elsewhere: podman('pulled', `${temporary}-pulled`),
    // crun starts nothing where cgroups of both versions are mounted; runc does everywhere.
    runtime: 'runc',
  };
}

/** How the store lays one layer over another: by the kernel, or by a program where the kernel does not on this disk. */
async function driver(folder) {
  if (await overlays(folder)) return ['--storage-driver', 'overlay'];
  const program = findProgram('fuse-overlayfs');
  if (program === undefined || !existsSync('/dev/fuse'))
    throw new Unfit(`the kernel mounts no overlay in ${folder}, and there is no /dev/fuse to do without`);
  return ['--storage-driver', 'overlay', '--storage-opt', `overlay.mount_program=${program}`];
}

/** Whether an overlay can be mounted in a folder; it cannot in one that lies on an overlay itself. */
async function overlays(folder) {
  const place = mkdtempSync(join(folder, 'overlay-'));
  try {
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) =>
      join(place, name),
    );
    for (const each of [lower, upper, work, merged]) mkdirSync(each);
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    if ((await output('mount', ['-t', 'overlay', 'overlay', '-o', options, merged])) === undefined)
      return false;
    await output('umount', [merged]);
    return true;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
