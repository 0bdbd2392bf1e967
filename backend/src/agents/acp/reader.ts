import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import type { ToolUpdate, Update } from './messages.ts';
import { ToolUses } from './tool-uses.ts';

/** Characters of what it said last that are kept. */
const MAX_SAID = 1024 * 1024;

export type Todos = Extract<AgentItem, { kind: 'todos' }>['items'];

const STATES: Readonly<Record<string, Todos[number]['state']>> = {
  pending: 'pending',
  in_progress: 'active',
  completed: 'done',
};

/** A list of what is to do, as the protocol's plan has it. */
export const todosOf = (entries: readonly { content: string; status: string }[]): Todos =>
  entries.flatMap(({ content, status }) => {
    const state = Object.hasOwn(STATES, status) ? STATES[status] : undefined;
    return state === undefined ? [] : [{ text: content, state }];
  });

/** Turns what an agent tells of its turn into what is told of it. */
export class Reader {
  readonly #tools: ToolUses;
  readonly #todosIn: (name: string, input: unknown) => Todos | undefined;
  /** The text that goes on. */
  #text: { kind: 'text' | 'thinking'; messageId: string | undefined; id: string } | undefined;
  #texts = 0;
  /** What the agent said last, after its last tool. */
  said = '';

  /** @param todosIn the list of what is to do that the use of a tool makes, where it makes one */
  constructor(workspace: string, todosIn: (name: string, input: unknown) => Todos | undefined) {
    this.#tools = new ToolUses(workspace);
    this.#todosIn = todosIn;
  }

  /** @throws OffloadError `agent-failed` */
  read(update: Update, isInterrupted: boolean): AgentItem[] {
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return this.#chunk('text', update.content.text, update.messageId ?? undefined);
      case 'agent_thought_chunk':
        return this.#chunk('thinking', update.content.text, update.messageId ?? undefined);
      case 'plan':
        return [{ kind: 'todos', items: todosOf(update.entries) }];
      default:
        return this.#used(this.#tools.update(update, isInterrupted));
    }
  }

  /** A permission is asked for. */
  asked(toolCall: ToolUpdate): AgentItem[] {
    return this.#used(this.#tools.begins(toolCall));
  }

  /** The turn is over: what is left open is ended. */
  end(): AgentItem[] {
    this.#text = undefined;
    return this.#tools.end();
  }

  #chunk(kind: 'text' | 'thinking', delta: string | undefined, messageId: string | undefined): AgentItem[] {
    if (delta === undefined || delta === '') return [];
    if (this.#text?.kind !== kind || this.#text.messageId !== messageId) {
      this.#text = { kind, messageId, id: `${kind}-${String(++this.#texts)}` };
      if (kind === 'text') this.said = '';
    }
    if (kind === 'text' && this.said.length < MAX_SAID) this.said += delta;
    return [{ kind, id: this.#text.id, delta }];
  }

  #used(items: AgentItem[]): AgentItem[] {
    if (items.some(({ kind }) => kind === 'tool')) {
      this.#text = undefined;
      this.said = '';
    }
    return items.flatMap((item) => {
      const todos = item.kind === 'tool-call' ? this.#todosIn(item.name, item.input) : undefined;
      return todos === undefined ? [item] : [item, { kind: 'todos', items: todos }];
    });
  }
}
