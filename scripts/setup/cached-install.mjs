import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './project.mjs';

/**
 * The folder `<name>-<key>` of the cache, filled by `install(folder)` when it is not there yet. It is filled
 * beside its place and moved there whole, so an interrupted install is never taken for a good one, and two
 * clones that install at once do not meet. What `install` throws is thrown on, and nothing is left behind.
 */
export async function cachedInstall(name, key, install) {
  const place = join(cacheFolder(), `${name}-${key}`);
  if (existsSync(place)) return place;
  mkdirSync(cacheFolder(), { recursive: true });
  removeAbandoned(`${name}-`);
  const building = `${place}.building-${process.pid}`;
  mkdirSync(building);
  try {
    await install(building);
    renameSync(building, place);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}

/** Removes half-made folders whose maker has ended. */
function removeAbandoned(prefix) {
  for (const entry of readdirSync(cacheFolder())) {
    const maker = /\.building-(\d+)$/.exec(entry)?.[1];
    if (maker === undefined || !entry.startsWith(prefix) || alive(Number(maker))) continue;
    rmSync(join(cacheFolder(), entry), { recursive: true, force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
