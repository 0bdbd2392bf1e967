import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { isTerminal, type EventBody } from '../../../src/protocol/event.ts';
import { followLines } from './follow-lines.ts';
import { WriteBehind } from './write-behind.ts';

/** Characters from which a thread is worth its while. */
const LONG = 4096;

/** Bytes of the buffer that lines are encoded in; a longer one gets a buffer of its own. */
const SCRATCH_BYTES = 512 * 1024;

/** UTF-8 bytes that one UTF-16 unit takes at most. */
const MAX_UNIT_BYTES = 3;

const LINE_FEED = 10;

/** One buffer for all journals: encoding and writing are one step that nothing interrupts. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * A run's log: one event a line, numbered from 1, so that an event's number is the number of its line, or beyond it by the
 * same number for all. An event is in the file before anyone is told of it; whoever follows reads the file, so that a slow
 * reader holds nothing in memory and slows no run.
 */
export class Journal {
  readonly path: string;
  readonly #fd: number;
  readonly #before: number;
  /** Events that are numbered, and those of them that are in the file. */
  #seq = 0;
  #written = 0;
  #size = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();
  #behind: WriteBehind | undefined;
  #failure: Error | undefined;

  /**
   * @param path a file that is not there yet
   * @param before events that are kept elsewhere: the first one here has the number after theirs
   */
  constructor(path: string, before = 0) {
    this.path = path;
    this.#before = before;
    this.#fd = openSync(path, 'ax', 0o600);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Numbers an event and writes it, with the time that it is of. The terminal event closes the journal; it is then flushed
   * to the device.
   * @throws the file system's error, for instance when the disk is full
   */
  append(body: EventBody, time = Date.now()): void {
    if (this.#ended) return;
    const line = this.#encode(body, time);
    if (this.#behind?.idle === false && !isTerminal(body)) {
      this.#behind.add(line);
      this.#seq++;
      return;
    }
    this.#write(line);
    if (isTerminal(body)) this.#end();
    this.#wake();
  }

  /**
   * As {@link append}, for events that come fast: a thread writes the long ones while the next are read and encoded.
   * The terminal event is not appended before {@link drained}.
   * @returns what to wait for before more is appended, where there is such a thing
   * @throws the file system's error, of this event or of one before it
   */
  appendFast(body: EventBody): Promise<void> | undefined {
    if (this.#ended) return undefined;
    if (this.#failure !== undefined) throw this.#failure;
    const line = this.#encode(body);
    if (line.length < LONG && this.#behind?.idle !== false) {
      this.#write(line);
      this.#wake();
      return undefined;
    }
    this.#behind ??= this.#writeBehind();
    this.#behind.add(line);
    this.#seq++;
    return this.#behind.hasRoom ? undefined : this.#behind.progress();
  }

  /**
   * Resolves when all that was appended is in the file.
   * @throws the file system's error
   */
  async drained(): Promise<void> {
    await this.#behind?.drained();
    this.#behind?.dispose();
    this.#behind = undefined;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Gives up without a terminal event: for a disk that takes no more. */
  abandon(): void {
    if (!this.#ended) this.#end();
    this.#wake();
  }

  /** The lines after number `after`, as {@link followLines} gives them, until the journal has ended. */
  follow(after: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const growing = { size: () => this.#size, ended: () => this.#ended, grown: this.#grown };
    return followLines(this.path, growing, Math.max(0, after - this.#before), signal);
  }

  #encode(body: EventBody, time = Date.now()): string {
    return JSON.stringify({ seq: this.#before + this.#seq + 1, time, ...body });
  }

  /** All of a line or nothing of it, so that the next one can still be written. */
  #write(line: string): void {
    const fits = line.length * MAX_UNIT_BYTES < SCRATCH_BYTES;
    const bytes = fits ? scratch.subarray(0, scratch.write(line) + 1) : Buffer.from(`${line}\n`);
    bytes[bytes.length - 1] = LINE_FEED;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#seq++;
    this.#written++;
    this.#size += bytes.length;
  }

  #writeBehind(): WriteBehind {
    return new WriteBehind(this.#fd, {
      onWritten: (bytes, lines) => {
        this.#written += lines;
        this.#size += bytes;
        this.#wake();
      },
      onError: (error) => {
        ftruncateSync(this.#fd, this.#size);
        this.#seq = this.#written;
        this.#failure = error;
      },
    });
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
