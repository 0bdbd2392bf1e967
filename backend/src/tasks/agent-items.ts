import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { RunLife } from '../runs/run-life.ts';
import { boundedItem, BoundedItems } from './bounded-items.ts';
import { GatheredItems } from './gathered-items.ts';
import { RedactedItems } from './redacted-items.ts';

/** The way of what an agent tells into the journal: without secrets, in parts that are worth an event, and bounded. */
export class AgentItems {
  readonly #redacted: RedactedItems;
  readonly #gathered: GatheredItems;

  /** @param maxBytes how much it may tell; more ends the task */
  constructor(life: RunLife, redactor: Redactor, maxBytes: number) {
    const bounded = new BoundedItems(
      maxBytes,
      (item, parent) => {
        append(life, item, parent);
      },
      (error) => {
        life.end(error);
      },
    );
    this.#gathered = new GatheredItems((item, parent) => {
      bounded.add(item, parent);
    });
    this.#redacted = new RedactedItems(redactor, (item, parent) => {
      this.#gathered.add(item, parent);
    });
  }

  add(item: AgentItem, parent?: string): void {
    this.#redacted.add(item, parent);
  }

  /** Nothing more comes: what was held back is told. */
  end(): void {
    this.#redacted.end();
    this.#gathered.dispose();
  }
}

/** Tells an item that is not the agent's. */
export function tellItem(life: RunLife, redactor: Redactor, item: AgentItem): void {
  const told = new RedactedItems(redactor, (each) => {
    append(life, boundedItem(each), undefined);
  });
  told.add(item, undefined);
  told.end();
}

function append(life: RunLife, item: AgentItem, parent: string | undefined): void {
  void life.appendFast({ type: 'agent', item, ...(parent === undefined ? {} : { parent }) });
}
