import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import { OffloadError } from '../../../../src/protocol/error.ts';

/** Uses of tools at once at most. */
const MANY = 1000;

type ToolResultItem = Extract<AgentItem, { kind: 'tool-result' }>;

interface OpenTool {
  parent: string | undefined;
  /** Whether its whole input has come, so that it is used or refused. */
  called: boolean;
}

/** Uses of tools that have begun and have no result: each is told of once, whatever Claude Code says or leaves out. */
export class OpenTools {
  readonly #open = new Map<string, OpenTool>();

  /** A use of the agent's own begins. @throws OffloadError `agent-failed` for an agent that uses tools without end */
  begin(id: string): void {
    this.#set(id, { parent: undefined, called: false });
  }

  /** Its whole input has come, after its beginning or without one. @throws as {@link begin} */
  call(id: string, parent: string | undefined): void {
    this.#set(id, { parent, called: true });
  }

  /** Whether it waits for a result, which it has now. */
  close(id: string): boolean {
    return this.#open.delete(id);
  }

  /** Closes those of an answer that was cut off before their input was whole. */
  cutOff(): ToolResultItem[] {
    return this.#closeAll(({ called }) => !called).map(({ item }) => item);
  }

  /** Closes all that are open, for a turn has ended; those of `refused` as refused ones. */
  end(refused: ReadonlySet<string>): { item: ToolResultItem; parent: string | undefined }[] {
    return this.#closeAll(() => true).map(({ item, parent }) => ({
      item: refused.has(item.id) ? { ...item, outcome: 'refused', text: 'It was not permitted.' } : item,
      parent,
    }));
  }

  #set(id: string, tool: OpenTool): void {
    if (this.#open.size >= MANY && !this.#open.has(id)) {
      throw new OffloadError('agent-failed', `The agent uses more than ${String(MANY)} tools at once.`);
    }
    this.#open.set(id, tool);
  }

  #closeAll(which: (tool: OpenTool) => boolean): { item: ToolResultItem; parent: string | undefined }[] {
    const closed = [...this.#open].filter(([, tool]) => which(tool));
    for (const [id] of closed) this.#open.delete(id);
    return closed.map(([id, { parent }]) => ({
      item: { kind: 'tool-result', id, outcome: 'interrupted', text: '' },
      parent,
    }));
  }
}
