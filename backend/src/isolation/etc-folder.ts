import { copyFileSync, cpSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BOX_HOME, BOX_UID } from './bubblewrap-arguments.ts';

/** What a box has of its own. */
const OWN = {
  passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:${String(BOX_UID)}:${String(BOX_UID)}:user:${BOX_HOME}:/bin/bash\n`,
  group: `root:x:0:\nuser:x:${String(BOX_UID)}:\n`,
  hosts: '127.0.0.1 localhost offload\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Small things of the host's that programs read and that say nothing about its users or services. */
const COPIED = [
  'ca-certificates.conf',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'python3',
  'python3.11',
  'python3.12',
  'python3.13',
  'services',
  'ssl/openssl.cnf',
  'terminfo',
];

/** Larger ones, bound where they are. */
const BOUND = ['alternatives', 'ca-certificates/extracted', 'crypto-policies', 'fonts', 'pki', 'ssl/certs'];

/** Where the dynamic linker finds libraries: written anew whenever one is installed. */
const LINKER_CACHE = 'ld.so.cache';

/**
 * The /etc of boxes: a folder made once, since each single thing that is bound into a box costs every start a tenth of a
 * millisecond.
 */
export class EtcFolder {
  readonly path: string;
  /** Host paths to be bound at the same place, over {@link path}. */
  readonly bound: readonly string[];
  #linkerCache = 0;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o755 });
    for (const [name, text] of Object.entries(OWN)) writeFileSync(join(path, name), text, { mode: 0o644 });
    for (const name of COPIED.filter(onHost)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      cpSync(`/etc/${name}`, join(path, name), { recursive: true, dereference: true });
    }
    const bound = BOUND.filter(onHost);
    for (const name of bound) mkdirSync(join(path, name), { recursive: true });
    this.bound = bound.map((name) => `/etc/${name}`);
    this.refresh();
  }

  /** Takes over what has changed on the host since. */
  refresh(): void {
    const host = `/etc/${LINKER_CACHE}`;
    const changed = statSync(host, { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined || changed === this.#linkerCache) return;
    this.#linkerCache = changed;
    copyFileSync(host, join(this.path, LINKER_CACHE));
  }
}

const onHost = (name: string): boolean => existsSync(`/etc/${name}`);
