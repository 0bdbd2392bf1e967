import type { Socket } from 'node:net';
import type { BubblewrapProcess } from './bubblewrap-process.ts';
import { closeQuietly } from './pipes.ts';
import { hasEnded } from './process-tree.ts';

/** Milliseconds from the end of a box to the next process: by then those who follow its run know of the end. */
const SOON = 10;
/** Milliseconds for which a process is kept that nobody needs. */
const KEPT = 60_000;

/** A bubblewrap process that has no options yet. */
interface Waiting extends BubblewrapProcess {
  /** The user it was started as, where that is not the backend's own. */
  owner: number | undefined;
  /** Takes the options of a box, of which it has read none before their end. */
  options: Socket;
  /** Whether a run that has not started yet belongs to its user. */
  promised: boolean;
}

/**
 * One bubblewrap process, started ahead: the next run saves the time that this takes. It waits for its options and has
 * done nothing else by then, so it knows nothing of any run, and without options it makes no box: it reads an end of
 * file when the backend dies, and ends. It is used once.
 */
export class ReadyBubblewrap {
  readonly #nextOwner: () => number | undefined;
  readonly #start: (owner: number | undefined) => Promise<BubblewrapProcess>;
  readonly #kept: number;
  #waiting: Waiting | undefined;
  #starting = false;
  #disposed = false;
  #soon: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;

  /**
   * @param nextOwner gives the user of the next process
   * @param start starts a process whose options, descriptor 3, are a pipe
   */
  constructor(
    nextOwner: () => number | undefined,
    start: (owner: number | undefined) => Promise<BubblewrapProcess>,
    kept = KEPT,
  ) {
    this.#nextOwner = nextOwner;
    this.#start = start;
    this.#kept = kept;
  }

  /** Has a process a short time from now, or from the last time that this was asked for. */
  prepareSoon(): void {
    if (this.#disposed) return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      // Whatever is in the way, a run that has no process ready meets it as well, and says so.
      this.#prepare().catch(() => undefined);
    }, SOON).unref();
  }

  /** The user of the process that waits, which is from now on for a run of that user alone. */
  promise(): number | undefined {
    if (this.#waiting === undefined || this.#waiting.promised) return undefined;
    this.#waiting.promised = true;
    return this.#waiting.owner;
  }

  /**
   * Lets the process that waits, if it is one of this user, make its box.
   * @param options of the box, or undefined when they cannot be given to it: then it ends
   */
  use(owner: number | undefined, options: readonly string[] | undefined): BubblewrapProcess | undefined {
    // Not in the way of a run that is just starting.
    this.#soon?.refresh();
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.owner !== owner) return undefined;
    if (options === undefined || waiting.child.pid === undefined || hasEnded(waiting.child.pid)) {
      this.#drop();
      return undefined;
    }
    this.#forget();
    waiting.child.ref();
    waiting.options.write(options.map((option) => `${option}\0`).join(''));
    waiting.options.destroySoon();
    return waiting;
  }

  /** Ends what waits, and starts nothing any more. */
  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#soon);
    this.#drop();
  }

  async #prepare(): Promise<void> {
    if (this.#waiting !== undefined || this.#starting) return;
    this.#starting = true;
    try {
      const owner = this.#nextOwner();
      const started = await this.#start(owner);
      const { child } = started;
      child.once('error', () => undefined);
      if (child.pid === undefined || this.#disposed) {
        release(started);
        return;
      }
      const options = child.stdio[3] as Socket;
      // Of one that takes no options the end is seen, and told.
      options.on('error', () => undefined);
      // It keeps no backend up.
      options.unref();
      child.unref();
      const waiting = { ...started, owner, options, promised: false };
      child.once('exit', () => {
        if (this.#waiting === waiting) this.#drop();
      });
      this.#waiting = waiting;
      this.#expiry = setTimeout(() => {
        this.#drop();
      }, this.#kept).unref();
    } finally {
      this.#starting = false;
    }
  }

  #forget(): void {
    clearTimeout(this.#expiry);
    this.#waiting = undefined;
  }

  #drop(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#forget();
    release(waiting);
  }
}

function release({ child, stdout, stderr, statusFd }: BubblewrapProcess): void {
  child.kill('SIGKILL');
  child.stdio[3]?.destroy();
  stdout.close();
  stderr.close();
  closeQuietly(statusFd);
}
