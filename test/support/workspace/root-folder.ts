import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder `root` with others beside it, new for each test of the suite. */
export class RootFolder {
  #base = '';

  /** @param beside the names of the other folders, which only their user can enter */
  constructor(...beside: string[]) {
    beforeEach(() => {
      this.#base = mkdtempSync(join(realpathSync(tmpdir()), 'offload-root-'));
      mkdirSync(this.root);
      for (const name of beside) mkdirSync(this.beside(name), { mode: 0o700 });
    });
    afterEach(() => {
      rmSync(this.#base, { recursive: true, force: true });
    });
  }

  /** What the root and the others lie in. */
  get base(): string {
    return this.#base;
  }

  get root(): string {
    return this.beside('root');
  }

  beside(name: string): string {
    return join(this.#base, name);
  }

  /** Where a path in the root lies. */
  at(path: string): string {
    return join(this.root, path);
  }

  /** Writes a file, its folders made, and gives its place. */
  put(path: string, content: string | Uint8Array = `${path}\n`, mode = 0o644): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content, { mode });
    return this.at(path);
  }
}
