import type { AgentItem } from '../../../../src/protocol/agent-item.ts';

/** Names that are told of a turn. */
const MAX_NAMES = 20;

/** What came of the tools that a turn has used. */
export class ToolOutcomes {
  /** Names by the use's id, of uses that have no result yet. */
  readonly #open = new Map<string, string>();
  readonly #refused = new Set<string>();
  #permitted = false;

  add(items: readonly AgentItem[]): void {
    for (const item of items) {
      if (item.kind === 'tool-call') this.#open.set(item.id, item.name);
      if (item.kind !== 'tool-result') continue;
      const name = this.#open.get(item.id);
      this.#open.delete(item.id);
      if (item.outcome !== 'refused') this.#permitted = true;
      else if (this.#refused.size < MAX_NAMES) this.#refused.add(name ?? 'a tool');
    }
  }

  /** The names of the tools that were refused, where none was permitted; and begins anew. */
  endTurn(): string[] {
    const refused = this.#permitted ? [] : [...this.#refused];
    this.#open.clear();
    this.#refused.clear();
    this.#permitted = false;
    return refused;
  }
}
