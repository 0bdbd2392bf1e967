const keptLength = 1024 * 1024;

/** A function's log: text that grows, of which the newest megabyte is kept. */
export class FunctionLog {
  #text = '';
  #dropped = 0;

  append(text: string): void {
    this.#text += text;
    const surplus = this.#text.length - keptLength;
    // Cut rarely: each cut copies the rest.
    if (surplus < keptLength) return;
    this.#text = this.#text.slice(surplus);
    this.#dropped += surplus;
  }

  get text(): string {
    return this.#text.slice(-keptLength);
  }

  /** A place to come back to with `since`. */
  get end(): number {
    return this.#dropped + this.#text.length;
  }

  /** What was appended after that place, as far as it is kept. */
  since(place: number): string {
    return this.#text.slice(Math.max(0, place - this.#dropped));
  }
}
