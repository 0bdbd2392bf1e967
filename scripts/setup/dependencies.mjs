import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { SetupError, root, say } from './project.mjs';

/** Runs `npm ci` in the project when what is installed is not what package-lock.json says. */
export async function ensureDependencies() {
  if (dependenciesInstalled()) return;
  say('installing the dependencies (npm ci)');
  const code = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}; its message is above`);
}

/** Whether every package of package-lock.json that this platform needs is installed in the locked version. */
export function dependenciesInstalled(folder = root) {
  const wanted = lockedPackages(join(folder, 'package-lock.json'));
  const installed = lockedPackages(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link === true) return true;
    const there = installed[path];
    // Packages for other platforms are optional and left out.
    if (there === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
