import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** What the editors hold that is not on the disk: by absolute path, the text (sent as UTF-8) or the bytes. */
export type UnsavedEditors = ReadonlyMap<string, string | Uint8Array>;

export type UnsavedKind = 'file' | 'folder';

/** Unsaved editors by where their files really lie. A file, or a folder on the way to it, need not be there. */
export class Unsaved {
  readonly #contents = new Map<string, Buffer>();
  /** What the disk may not have: by folder, the names in it, and whether they are folders. */
  readonly #names = new Map<string, Map<string, UnsavedKind>>();

  constructor(editors: UnsavedEditors) {
    for (const [path, content] of editors) {
      const place = realPlace(path);
      this.#contents.set(
        place,
        typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content),
      );
      this.#name(place, 'file');
    }
  }

  #name(place: string, kind: UnsavedKind): void {
    const parent = dirname(place);
    if (parent === place) return;
    const folder = parent.endsWith(sep) ? parent : parent + sep;
    const names = this.#names.get(folder) ?? new Map<string, UnsavedKind>();
    if (names.has(basename(place))) return;
    this.#names.set(folder, names.set(basename(place), kind));
    this.#name(parent, 'folder');
  }

  content(place: string): Buffer | undefined {
    return this.#contents.size === 0 ? undefined : this.#contents.get(place);
  }

  /** What lies in a folder (its path has a separator at the end) as far as editors know. */
  namesIn(folder: string): ReadonlyMap<string, UnsavedKind> | undefined {
    return this.#names.get(folder);
  }
}

/** A path with the links on the way to it resolved, as far as it is there. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPlace(folder), basename(path));
  }
}
