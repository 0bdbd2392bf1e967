import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, machinePath, output, run } from './command.mjs';
import { SetupError, Unfit, cacheFolder, say } from './project.mjs';

/** Debian's packages that Offload's scripts use, and how to see that what each one brings is there. */
const packages = {
  bubblewrap: { present: () => findProgram('bwrap') !== undefined, only: 'linux' },
  chromium: { present: () => browserProgram() !== undefined },
  'libkrb5-dev': { present: kerberosHeaders, only: 'linux' },
  'g++': { present: () => runs('c++') },
  make: { present: () => runs('make') },
  cmake: { present: () => runs('cmake') },
  python3: { present: () => runs('python3') },
  'xz-utils': { present: () => runs('xz') },
  buildah: { present: () => runs('buildah'), only: 'linux' },
  podman: { present: () => runs('podman'), only: 'linux' },
  runc: { present: () => runs('runc'), only: 'linux' },
  conmon: { present: () => runs('conmon'), only: 'linux' },
  catatonit: { present: () => runs('catatonit'), only: 'linux' },
  netavark: { present: () => existsSync('/usr/lib/podman/netavark'), only: 'linux' },
  'fuse-overlayfs': { present: () => runs('fuse-overlayfs'), only: 'linux' },
  'docker-registry': { present: () => runs('docker-registry'), only: 'linux' },
  debootstrap: { present: () => runs('debootstrap'), only: 'linux' },
  'debian-archive-keyring': {
    present: () => existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'),
    only: 'linux',
  },
  mmdebstrap: { present: () => findProgram('mmdebstrap') !== undefined, only: 'linux' },
};

/** Seconds to wait for another's apt-get or dpkg. */
const LOCK_SECONDS = 300;

/** What the local sandbox needs. */
export const sandboxPackages = ['bubblewrap'];
/** What building the test editor needs; without `libkrb5-dev` it is built in another way. */
export const editorPackages = ['libkrb5-dev', 'g++', 'make', 'python3'];
/** What opening the test editor in the tests needs. */
export const browserPackages = ['chromium'];

/** What building the Lambda runtime client needs. */
export const lambdaPackages = ['cmake', 'make', 'g++', 'python3', 'xz-utils'];

/** What building the backend's image and running it needs; only root can. */
export const imagePackages =
  process.getuid?.() === 0
    ? [
        ...[
          'buildah',
          'podman',
          'runc',
          'conmon',
          'catatonit',
          'netavark',
          'fuse-overlayfs',
          'docker-registry',
        ],
        ...['debootstrap', 'debian-archive-keyring'],
      ]
    : [];

/** What installing moto needs; only root can. */
export const motoPackages = process.getuid?.() === 0 ? ['mmdebstrap'] : [];

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

/** Whether this script can install what is missing. */
const installs = () =>
  existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined && process.getuid?.() === 0;

/** The error for what cannot be set up for want of packages. */
export const lacking = (message) => (installs() ? new SetupError(message) : new Unfit(message));

/** The last call: apt-get does not run twice at a time. */
let last = Promise.resolve();

/**
 * Sees to it that the named packages are there: installs the missing ones as root on Debian, else prints the
 * line that would. Gives the names of those that are still missing. Calls wait for those before them.
 */
export function ensurePackages(names) {
  const result = last.then(() => ensureNow(names));
  last = result.catch(() => undefined);
  return result;
}

async function ensureNow(names) {
  const missing = await absent(names);
  if (missing.length === 0) return [];
  const list = missing.join(' ');
  if (!existsSync('/etc/debian_version') || findProgram('apt-get') === undefined) {
    say(`missing on this machine: ${list} (Debian's names; install them with your package manager)`);
    return missing;
  }
  if (!installs()) {
    say(`missing on this machine; to install: sudo apt-get install -y --no-install-recommends ${list}`);
    return missing;
  }
  say(`installing Debian packages: ${list}`);
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), 'apt.log');
  rmSync(log, { force: true });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another program of this machine's may be installing something as well.
  const apt = (...args) =>
    run('apt-get', ['-q', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`, ...args], { env, log });
  const install = (...which) => apt('install', '-y', '--no-install-recommends', ...which);
  await apt('update');
  // One that this release does not have keeps apt-get from installing the others.
  if ((await install(...missing)) !== 0) for (const name of missing) await install(name);
  const left = await absent(missing);
  if (left.length > 0) say(`apt-get could not install ${left.join(' ')}; see ${log}`);
  return left;
}

async function absent(names) {
  const missing = [];
  for (const name of names) {
    const { present, only } = packages[name];
    if ((only === undefined || only === process.platform) && !(await present())) missing.push(name);
  }
  return missing;
}

/** Run, not only looked for: a version manager's shim may stand for a program that is not there. */
async function runs(program) {
  const env = { ...process.env, PATH: machinePath() };
  return (await output(program, ['--version'], { env })) !== undefined;
}
