import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Pipes that are made at once, and how few may be left before more are made. */
const BATCH = 16;
const LOW = 6;

export interface Pipe {
  readable: Readable;
  /** The write end, blocking as programs expect; closed by whoever hands it to a child. */
  writeFd: number;
}

/**
 * Real pipes for programs to write to. What Node makes for a child's stdio are socket pairs, which cannot be opened
 * again by path, so that `echo error > /dev/stderr` fails in a script; named pipes can. Each is used once and has no
 * name any more when it is in use. `mkfifo` takes a process, so they are made ahead.
 */
export class Pipes {
  readonly #folder: string;
  #ready: string[] = [];
  #making: Promise<void> | undefined;

  /** @param folder a folder that only this user can enter; emptied by {@link dispose} */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Makes the first batch ahead. */
  async prepare(): Promise<void> {
    this.#making ??= this.#make();
    await this.#making;
  }

  async take(): Promise<Pipe> {
    while (this.#ready.length === 0) await this.prepare();
    const path = this.#ready.pop() as string;
    if (this.#ready.length < LOW) this.prepare().catch(() => undefined);
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeFd = openSync(path, constants.O_WRONLY);
    unlinkSync(path);
    return { readable: new Socket({ fd: readFd, readable: true, writable: false }), writeFd };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: BATCH }, () => join(this.#folder, randomBytes(8).toString('hex')));
    try {
      // Whoever holds the descriptor may open it again as another user: the folder keeps everyone else out.
      await run('mkfifo', ['-m', '666', ...paths]);
      this.#ready.push(...paths);
    } finally {
      this.#making = undefined;
    }
  }
}

export const closeQuietly = (fd: number): void => {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
};
