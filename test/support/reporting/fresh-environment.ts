import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the tests inherit from whoever started them, besides the OFFLOAD_TEST_… variables of the test command. */
const inherited = [
  ...['LANG', 'LC_ALL', 'TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI'],
  ...['DISPLAY', 'XAUTHORITY'],
];

export interface FreshEnvironment {
  /** The folder that everything of the tests lives in; its path is short, for the sake of unix sockets. */
  folder: string;
  env: Record<string, string>;
  /** Removes the folder. */
  remove(): void;
}

/**
 * A home, runtime, state, cache and temporary folder of their own for the tests, so that nothing of the person
 * who runs them is read or changed. The variable OFFLOAD_TEST_RUN marks every process that they start.
 */
export function freshEnvironment(): FreshEnvironment {
  const base = realpathSync(existsSync('/tmp') ? '/tmp' : tmpdir());
  const folder = mkdtempSync(join(base, 'o-'));
  const inside = (name: string, mode = 0o700) => {
    const path = join(folder, name);
    mkdirSync(path);
    chmodSync(path, mode);
    return path;
  };
  // As on any machine, other users reach the temporary folder, and no other.
  chmodSync(folder, 0o711);
  const env: Record<string, string> = {
    OFFLOAD_TEST_RUN: folder,
    PATH: process.env['PATH'] ?? '',
    HOME: inside('home'),
    TMPDIR: inside('tmp', 0o1777),
    XDG_RUNTIME_DIR: inside('run'),
    XDG_STATE_HOME: inside('state'),
    XDG_CACHE_HOME: inside('cache'),
    XDG_CONFIG_HOME: inside('config'),
    XDG_DATA_HOME: inside('data'),
  };
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || env[name] !== undefined) continue;
    if (inherited.includes(name) || name.startsWith('OFFLOAD_TEST_')) env[name] = value;
  }
  return {
    folder,
    env,
    remove: () => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
