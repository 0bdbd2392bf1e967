import type { AgentItem } from '../../../src/protocol/agent-item.ts';

const ANSWERING: ReadonlySet<AgentItem['kind']> = new Set(['text', 'thinking', 'tool', 'tool-input']);
const ANSWERED: ReadonlySet<AgentItem['kind']> = new Set(['tool-result', 'message']);

/** Counts the answers of an agent: what it says and asks for between two things that it is told. */
export class TurnCount {
  turns = 0;
  #answering = false;

  add({ kind }: AgentItem, parent: string | undefined): void {
    if (parent !== undefined) return;
    if (ANSWERED.has(kind)) this.#answering = false;
    else if (ANSWERING.has(kind) && !this.#answering) {
      this.#answering = true;
      this.turns++;
    }
  }
}
