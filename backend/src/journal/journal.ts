import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { isTerminal, type EventBody } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { followLines } from './follow-lines.ts';

/** Bytes of the buffer that lines are encoded in; a longer one gets a buffer of its own. */
const SCRATCH_BYTES = 512 * 1024;

/** UTF-8 bytes that one UTF-16 unit takes at most. */
const MAX_UNIT_BYTES = 3;

/** One buffer for all journals: encoding and writing are one step that nothing interrupts. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * A run's log: one event a line, numbered from 1, so that an event's number is the number of its line. An event is in
 * the file before anyone is told of it; whoever follows reads the file, so that a slow reader holds nothing in memory
 * and slows no run.
 */
export class Journal {
  readonly path: string;
  readonly #fd: number;
  #seq = 0;
  #size = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  /** @param path a file that is not there yet */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'ax', 0o600);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Numbers an event and writes it. The terminal event closes the journal; it is then flushed to the device.
   * @throws the file system's error, for instance when the disk is full
   */
  append(body: EventBody): void {
    if (this.#ended) return;
    const line = encodeFrame({ seq: this.#seq + 1, time: Date.now(), ...body });
    const fits = line.length * MAX_UNIT_BYTES <= SCRATCH_BYTES;
    const bytes = fits ? scratch.subarray(0, scratch.write(line)) : Buffer.from(line);
    this.#write(bytes);
    this.#seq++;
    this.#size += bytes.length;
    if (isTerminal(body)) this.#end();
    this.#wake();
  }

  /** Gives up without a terminal event: for a disk that takes no more. */
  abandon(): void {
    if (!this.#ended) this.#end();
    this.#wake();
  }

  /** The lines after number `after`, as {@link followLines} gives them, until the journal has ended. */
  follow(after: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const growing = { size: () => this.#size, ended: () => this.#ended, grown: this.#grown };
    return followLines(this.path, growing, after, signal);
  }

  /** All of a line or nothing of it, so that the next one can still be written. */
  #write(line: Buffer): void {
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.#fd, line, at);
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
  }

  #end(): void {
    this.#ended = true;
    fdatasync(this.#fd, () => {
      closeSync(this.#fd);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  readonly #grown = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
}
