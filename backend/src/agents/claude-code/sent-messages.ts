import { randomUUID } from 'node:crypto';

/** Messages that were sent and that Claude Code has not begun to work on: for these it begins a turn by itself. */
export class SentMessages {
  readonly #waiting = new Set<string>();
  /** Whether it tells how far messages are; an older one may not. */
  #told = false;

  /** Another one is sent; gives what it is known by. */
  add(): string {
    const uuid = randomUUID();
    this.#waiting.add(uuid);
    return uuid;
  }

  /** It has been taken, or never will be. */
  taken(uuid: string): void {
    this.#told = true;
    this.#waiting.delete(uuid);
  }

  /** Whether one waits when a turn has ended. */
  waitsAfterTurn(): boolean {
    if (!this.#told) this.#waiting.clear();
    return this.#waiting.size > 0;
  }
}
