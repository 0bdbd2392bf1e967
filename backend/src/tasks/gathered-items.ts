import type { AgentItem } from '../../../src/protocol/agent-item.ts';

/** Milliseconds in which parts of one text become one event. The first of them is told at once. */
const GATHERED = 20;

/** Characters that are joined at most: what comes faster is told as it comes. */
const MAX_HELD = 64 * 1024;

type Delta = Extract<AgentItem, { delta: string }>;

type Tell = (item: AgentItem, parent: string | undefined) => void;

/** Joins parts of one text that come in quick succession, so that a fast model makes no flood of events. */
export class GatheredItems {
  readonly #tell: Tell;
  #held: { item: Delta; parent: string | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  add(item: AgentItem, parent: string | undefined): void {
    if (!('delta' in item)) {
      this.flush();
      this.#tell(item, parent);
      return;
    }
    const held = this.#held;
    if (held?.item.kind === item.kind && held.item.id === item.id) {
      held.item = { ...held.item, delta: held.item.delta + item.delta };
      if (held.item.delta.length >= MAX_HELD) this.flush();
      return;
    }
    this.flush();
    if (this.#timer === undefined) {
      this.#tell(item, parent);
      this.#wait();
    } else this.#held = { item, parent };
  }

  /** Tells what is held. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#tell(held.item, held.parent);
  }

  dispose(): void {
    this.flush();
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#held === undefined) return;
      this.flush();
      this.#wait();
    }, GATHERED);
  }
}
