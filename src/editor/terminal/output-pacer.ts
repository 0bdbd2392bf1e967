/** Milliseconds between two writes to the terminal: a frame. */
const FRAME_MS = 16;
/** Characters of one write. What a terminal parses within a frame, so that the window stays responsive. */
const FRAME_CHARS = 64 * 1024;
/** Characters that may wait; beyond them the oldest waiting are left out. */
const MAX_WAITING = 1024 * 1024;
/** Characters that are kept of what waits, when some is left out. */
const KEPT_TAIL = 256 * 1024;

/** Characters of the beginning that are shown however much follows at once. */
const KEPT_HEAD = 32 * 1024;

export interface PacerOptions {
  write: (text: string) => void;
  /** The line that stands for `chars` characters that were left out. */
  gap: (chars: number) => string;
}

/**
 * Hands text to a terminal at the pace of its screen, from {@link start} on. A program that prints faster than anyone can read loses the
 * middle of its output here, marked; the beginning and the end are shown. Texts are never cut inside: give it whole
 * escape sequences.
 */
export class OutputPacer {
  readonly #options: PacerOptions;
  /** What came first and is not shown yet. */
  #head: string[] = [];
  #headChars = 0;
  #waiting: string[] = [];
  #waitingChars = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;
  #state: 'waiting' | 'started' | 'disposed' = 'waiting';
  #drained: (() => void)[] = [];

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** What comes now is a beginning again: of the next program in the same terminal. */
  begin(): void {
    if (this.#isIdle) this.#headChars = 0;
  }

  get #isIdle(): boolean {
    return this.#head.length === 0 && this.#waiting.length === 0 && this.#timer === undefined;
  }

  push(text: string): void {
    if (text === '' || this.#state === 'disposed') return;
    if (this.#headChars < KEPT_HEAD) {
      this.#head.push(text);
      this.#headChars += text.length;
    } else {
      this.#waiting.push(text);
      this.#waitingChars += text.length;
      if (this.#waitingChars > MAX_WAITING) this.#leaveOut();
    }
    // The first text after a pause is shown at once.
    if (this.#state === 'started' && this.#timer === undefined) this.#frame();
  }

  /** The terminal can take text now. */
  start(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'started';
    this.#frame();
  }

  /** Resolves when everything pushed so far has been written. */
  async drained(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  dispose(): void {
    this.#state = 'disposed';
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#head = [];
    this.#waiting = [];
    this.#waitingChars = 0;
    this.#resolveDrained();
  }

  #leaveOut(): void {
    let first = 0;
    while (first < this.#waiting.length - 1 && this.#waitingChars > KEPT_TAIL) {
      const length = this.#waiting[first++]?.length ?? 0;
      this.#waitingChars -= length;
      this.#leftOut += length;
    }
    this.#waiting = this.#waiting.slice(first);
  }

  readonly #frame = (): void => {
    if (this.#head.length > 0) {
      this.#show(this.#head.splice(0).join(''));
      return;
    }
    let text = '';
    if (this.#leftOut > 0) {
      text = this.#options.gap(this.#leftOut);
      this.#leftOut = 0;
    }
    let taken = 0;
    for (const part of this.#waiting) {
      if (text !== '' && text.length + part.length > FRAME_CHARS) break;
      text += part;
      taken++;
    }
    this.#waitingChars -= this.#waiting.slice(0, taken).reduce((sum, part) => sum + part.length, 0);
    this.#waiting = this.#waiting.slice(taken);
    if (text === '') {
      this.#timer = undefined;
      this.#resolveDrained();
      return;
    }
    this.#show(text);
  };

  #show(text: string): void {
    this.#timer = setTimeout(this.#frame, FRAME_MS);
    this.#options.write(text);
  }

  #resolveDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
