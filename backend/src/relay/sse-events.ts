/** Characters of one event's data that are looked at; a longer one passes unread. */
const MAX_DATA = 1024 * 1024;

/**
 * Reads the data of server-sent events from text that is cut anywhere. It follows the Messages API's use of the format
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html): a `data` line, or several, and an empty line.
 */
export class SseEvents {
  readonly #onData: (data: string) => void;
  readonly #decoder = new TextDecoder();
  #line = '';
  #data: string | undefined;
  /** The event, or the line that goes on, is longer than is looked at. */
  #tooLong = false;

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  push(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.#append(text.slice(from, at));
      this.#endLine();
      from = at + 1;
    }
    this.#append(text.slice(from));
  }

  #append(part: string): void {
    if (this.#line.length + part.length > MAX_DATA) {
      this.#tooLong = true;
      // The beginning is kept: whether the line is empty decides where the event ends.
      this.#line = this.#line.slice(0, 16) + part.slice(0, 16);
    } else {
      this.#line += part;
    }
  }

  #endLine(): void {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    if (line === '') {
      if (this.#data !== undefined && !this.#tooLong) this.#onData(this.#data);
      this.#data = undefined;
      this.#tooLong = false;
    } else if (line.startsWith('data:')) {
      const data = line.slice(line[5] === ' ' ? 6 : 5);
      this.#data = this.#data === undefined ? data : `${this.#data}\n${data}`;
      if (this.#data.length > MAX_DATA) {
        this.#data = '';
        this.#tooLong = true;
      }
    }
  }
}
