import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, run } from './command.mjs';
import { cacheFolder, say } from './project.mjs';

/** Debian's packages that Offload's scripts use, and how to see that what each one brings is there. */
const packages = {
  bubblewrap: { present: () => findProgram('bwrap') !== undefined, only: 'linux' },
  chromium: { present: () => browserProgram() !== undefined },
  'libkrb5-dev': { present: kerberosHeaders, only: 'linux' },
  'g++': { present: () => findProgram('c++') !== undefined || findProgram('g++') !== undefined },
  make: { present: () => findProgram('make') !== undefined },
};

/** What the local sandbox needs. */
export const sandboxPackages = ['bubblewrap'];
/** What building the test editor needs; without `libkrb5-dev` it is built in another way. */
export const editorPackages = ['libkrb5-dev', 'g++', 'make'];
/** What opening the test editor in the tests needs. */
export const browserPackages = ['chromium'];

/** Whether the headers that the editor's `kerberos` module is compiled against are there. */
export function kerberosHeaders() {
  return process.platform !== 'linux' || existsSync('/usr/include/gssapi/gssapi.h');
}

/** The Chromium or Chrome to open the test editor in: OFFLOAD_BROWSER, else the machine's; undefined without one. */
export function browserProgram() {
  const own = process.env.OFFLOAD_BROWSER;
  if (own !== undefined) return existsSync(own) ? own : undefined;
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  if (process.platform === 'darwin' && existsSync(mac)) return mac;
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
    .map((name) => findProgram(name))
    .find((path) => path !== undefined);
}

/**
 * Sees to it that the named packages are there: installs the missing ones as root on Debian, else prints the
 * line that would. Gives the names of those that are still missing.
 */
export async function ensurePackages(names) {
  const missing = absent(names);
  if (missing.length === 0) return [];
  const list = missing.join(' ');
  if (!existsSync('/etc/debian_version') || findProgram('apt-get') === undefined) {
    say(`missing on this machine: ${list} (Debian's names; install them with your package manager)`);
    return missing;
  }
  if (process.getuid?.() !== 0) {
    say(`missing on this machine; to install: sudo apt-get install -y --no-install-recommends ${list}`);
    return missing;
  }
  say(`installing Debian packages: ${list}`);
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), 'apt.log');
  rmSync(log, { force: true });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env, log });
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env, log });
  const left = absent(missing);
  if (left.length > 0) say(`apt-get could not install ${left.join(' ')}; see ${log}`);
  return left;
}

function absent(names) {
  return names.filter((name) => {
    const { present, only } = packages[name];
    return (only === undefined || only === process.platform) && !present();
  });
}
