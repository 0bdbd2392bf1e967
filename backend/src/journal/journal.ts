import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { isTerminal, type EventBody } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { readLines } from './read-lines.ts';

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
  #latest: { from: number; bytes: Buffer } | undefined;
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
    const line = Buffer.from(encodeFrame({ seq: this.#seq + 1, time: Date.now(), ...body }));
    for (let at = 0; at < line.length;) at += writeSync(this.#fd, line, at);
    this.#seq++;
    this.#latest = { from: this.#size, bytes: line };
    this.#size += line.length;
    if (isTerminal(body)) this.#end();
    this.#wake();
  }

  /** Gives up without a terminal event: for a disk that takes no more. */
  abandon(): void {
    if (!this.#ended) this.#end();
    this.#wake();
  }

  /** The lines after number `after`, whole ones, in chunks as they come, until the journal has ended. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    let position = 0;
    let skip = after;
    while (!signal.aborted) {
      if (position === this.#size) {
        if (this.#ended) return;
        await this.#grown(signal);
        continue;
      }
      const latest = this.#latest;
      if (skip === 0 && latest?.from === position) {
        position += latest.bytes.length;
        yield latest.bytes;
        continue;
      }
      for await (const chunk of readLines(this.path, { from: position, to: this.#size, skip }, signal)) {
        position = chunk.end;
        skip = chunk.left;
        if (chunk.lines.length > 0) yield chunk.lines;
      }
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

  #grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
