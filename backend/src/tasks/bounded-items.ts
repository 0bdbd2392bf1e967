import { OffloadError } from '../../../src/protocol/error.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import { cutText } from '../agents/cut.ts';
import { sizeName } from '../runs/size-name.ts';

/** Characters of a text that one item tells at most, so that an event stays far shorter than the longest frame. */
const MAX_PART = 64 * 1024;

/** The same of an item that does not come in parts, as JSON. */
const MAX_ITEM = 512 * 1024;

/** How many there may be in the list of an item that is too long, and how long each. */
const MAX_LIST = 100;
const MAX_ENTRY = 1000;

type Tell = (item: AgentItem, parent: string | undefined) => void;

/** Holds what an agent tells to what can be kept and read: each item to a length, and all of them to a limit. */
export class BoundedItems {
  readonly #maxBytes: number;
  readonly #tell: Tell;
  readonly #onExceeded: (error: OffloadError) => void;
  #told = 0;

  /** @param onExceeded told, once, that more than `maxBytes` came; nothing is told from then on */
  constructor(maxBytes: number, tell: Tell, onExceeded: (error: OffloadError) => void) {
    this.#maxBytes = maxBytes;
    this.#tell = tell;
    this.#onExceeded = onExceeded;
  }

  add(item: AgentItem, parent: string | undefined): void {
    if (!('delta' in item)) {
      const bounded = boundedItem(item);
      this.#add(bounded, JSON.stringify(bounded).length, parent);
      return;
    }
    for (let at = 0; at === 0 || at < item.delta.length; at += MAX_PART) {
      const delta = item.delta.slice(at, at + MAX_PART);
      this.#add({ ...item, delta }, delta.length, parent);
    }
  }

  #add(item: AgentItem, length: number, parent: string | undefined): void {
    if (this.#told > this.#maxBytes) return;
    this.#told += length;
    if (this.#told <= this.#maxBytes) this.#tell(item, parent);
    else this.#onExceeded(toldTooMuch(this.#maxBytes));
  }
}

/** An item that does not come in parts, its texts cut where it is longer than an event may hold. */
export const boundedItem = (item: AgentItem): AgentItem =>
  JSON.stringify(item).length > MAX_ITEM ? shortened(item) : item;

function shortened(item: AgentItem): AgentItem {
  switch (item.kind) {
    case 'tool-call':
      return {
        ...item,
        name: cutText(item.name, MAX_ENTRY),
        title: cutText(item.title, MAX_ENTRY),
        input: cutText(JSON.stringify(item.input)),
      };
    case 'todos':
      return { ...item, items: shortList(item.items) };
    case 'question':
      return { ...shortTexts(item), options: shortList(item.options) };
    default:
      return shortTexts(item);
  }
}

const shortList = <Entry extends object>(entries: readonly Entry[]): Entry[] =>
  entries.slice(0, MAX_LIST).map((entry) => shortTexts(entry, MAX_ENTRY));

/** The same with its own texts cut. */
const shortTexts = <Value extends object>(value: Value, most?: number): Value => {
  const entries = Object.entries(value) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, each]) => [name, typeof each === 'string' ? cutText(each, most) : each]),
  ) as Value;
};

const toldTooMuch = (bytes: number) =>
  new OffloadError('output-limit', `The agent told more than ${sizeName(bytes)} and was ended.`, {
    fix: 'What it did is kept: reply to the task to go on.',
  });
