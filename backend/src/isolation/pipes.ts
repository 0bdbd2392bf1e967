import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BufferPool } from '../buffer-pool.ts';

const run = promisify(execFile);

/** Pipes that are made at once, and how few may be left before more are made. */
const BATCH = 16;
const LOW = 6;
/** Milliseconds after which more are made when few are left. */
const SOON = 200;

/** What a pipe holds: one read empties it. */
const READ_BYTES = 64 * 1024;

const pool = new BufferPool(READ_BYTES, 32);

/** The end of a pipe that is read. */
export interface OutputPipe {
  /**
   * Reads to the end, and waits where it is told to. A chunk's memory is used again: it is valid during the call alone.
   * Resolves when nothing holds the other end any more, or after {@link close}.
   */
  read(onChunk: (chunk: Buffer) => Promise<void> | undefined): Promise<void>;
  close(): void;
}

export interface Pipe {
  reader: OutputPipe;
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
  #soon: NodeJS.Timeout | undefined;

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
    let path = this.#ready.pop();
    while (path === undefined) {
      // What was begun for others may have been ended with a run.
      await this.#making?.catch(() => undefined);
      if (this.#ready.length === 0) await this.prepare();
      path = this.#ready.pop();
    }
    if (this.#ready.length < LOW) this.#prepareSoon();
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeFd = openSync(path, constants.O_WRONLY);
    unlinkSync(path);
    return { reader: new PipeReader(readFd), writeFd };
  }

  dispose(): void {
    clearTimeout(this.#soon);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Out of the way of the run that is just starting. */
  #prepareSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.prepare().catch(() => undefined);
    }, SOON);
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

/** Reads into one buffer over and over: a new one for each chunk costs more than all the rest of the way. */
class PipeReader implements OutputPipe {
  readonly #fd: number;
  #socket: Socket | undefined;
  #closed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(onChunk: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const buffer = pool.take();
    const callback = (length: number): boolean => {
      const wait = onChunk(buffer.subarray(0, length));
      void wait?.then(() => socket.resume());
      return wait === undefined;
    };
    const socket = new Socket({
      fd: this.#fd,
      readable: true,
      writable: false,
      onread: { buffer, callback },
    });
    this.#socket = socket;
    return new Promise((resolve) => {
      // A reader's own error ends the stream as well; what came stays.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pool.give(buffer);
        resolve();
      });
      socket.resume();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#socket === undefined) closeQuietly(this.#fd);
    else this.#socket.destroy();
  }
}

/** Closes a file that may be closed already. */
export const closeQuietly = (fd: number): void => {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
};
