import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasEnded } from './process-tree.ts';

const PREFIX = 'offload-stage-';
const SHARED_TEMPORARY = '/run';

/**
 * Makes folders of root's reachable for the user that boxes run as.
 *
 * As root, boxes are made by a user of their own, who cannot enter /root, where a version manager's interpreters and
 * the backend's own state may be. So a backend that runs as root lives in a mount namespace of its own (its starter
 * sees to that), in which such a folder is bound, once, to a place that everyone may enter. The host sees none of it.
 */
export class Stage {
  readonly #folder = join(SHARED_TEMPORARY, `${PREFIX}${String(process.pid)}`);
  readonly #places = new Map<string, string>();

  constructor() {
    sweep();
    mkdirSync(this.#folder, { mode: 0o711 });
  }

  /** A place from which everyone reaches `path`: itself where that is so already. */
  place(path: string): string {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const place = everyoneReaches(path) ? path : this.#bind(path);
    this.#places.set(path, place);
    return place;
  }

  /** Takes everything back. What still uses a place keeps it. */
  dispose(): void {
    const bound = [...this.#places].flatMap(([path, place]) => (place === path ? [] : [place]));
    this.#places.clear();
    try {
      if (bound.length > 0) execFileSync('umount', ['-l', ...bound], { stdio: 'ignore' });
    } catch {
      // What is still mounted is not removed either.
    }
    removeStage(this.#folder);
  }

  #bind(path: string): string {
    const place = join(this.#folder, String(this.#places.size));
    if (lstatSync(path).isDirectory()) mkdirSync(place);
    else execFileSync('touch', [place]);
    execFileSync('mount', ['--bind', path, place]);
    return place;
  }
}

/** Whether a user without rights can walk to a path. */
function everyoneReaches(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((lstatSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Stages of backends that were killed. Their mounts went with them; the empty folder is left. */
function sweep(): void {
  for (const name of readdirSync(SHARED_TEMPORARY)) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : Number.NaN);
    if (Number.isNaN(pid) || !hasEnded(pid)) continue;
    removeStage(join(SHARED_TEMPORARY, name));
  }
}

/** Removes the empty places of a stage, and nothing that is mounted or holds something. */
function removeStage(folder: string): void {
  try {
    for (const place of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, place.name);
      if (place.isDirectory()) rmdirSync(path);
      else if (lstatSync(path).size === 0) unlinkSync(path);
    }
    rmdirSync(folder);
  } catch {
    // Not ours to remove.
  }
}

/** Whether this process may bind folders without anyone outside seeing it. */
export const canStage = (): boolean =>
  process.getuid?.() === 0 && process.argv.includes('--private-mounts') && existsSync(SHARED_TEMPORARY);
