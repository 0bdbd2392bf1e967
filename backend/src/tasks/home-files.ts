import { randomBytes } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Puts an agent's own files into its home. The home is the box's to write, and nothing runs there now: what stands in the
 * way, a link above all, is removed and not followed.
 */
export function writeHomeFiles(
  home: string,
  files: Readonly<Record<string, string>>,
  owner: number | undefined,
): void {
  const give = (path: string): void => {
    if (owner !== undefined) chownSync(path, owner, owner);
  };
  for (const [path, text] of Object.entries(files)) {
    let folder = home;
    for (const part of dirname(path) === '.' ? [] : dirname(path).split('/')) {
      folder = join(folder, part);
      const stats = lstatSync(folder, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) continue;
      if (stats !== undefined) rmSync(folder);
      mkdirSync(folder, { mode: 0o700 });
      give(folder);
    }
    const made = join(folder, `.${randomBytes(8).toString('hex')}`);
    writeFileSync(made, text, { mode: 0o600, flag: 'wx' });
    give(made);
    const place = join(home, path);
    if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true)
      rmSync(place, { recursive: true });
    renameSync(made, place);
  }
}
