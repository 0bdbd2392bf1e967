import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import type { AgentReport } from '../agent.ts';
import { cutInput, cutText } from '../cut.ts';
import {
  toolResultSchema,
  type Block,
  type Message,
  type Result,
  type StreamEvent,
  type ToolResult,
  type UserMessage,
} from './messages.ts';
import { OpenTools } from './open-tools.ts';
import { StreamedText } from './streamed-text.ts';
import { ToolOutcomes } from './tool-outcomes.ts';
import { TodoList } from './todo-list.ts';
import { toolTitle } from './tool-title.ts';

/** Characters of a tool's input that are told as it forms; all of it is told when it is whole. */
const MAX_FORMING = 64 * 1024;

/** What a tool says that was stopped, or that the user did not want; Claude Code's own words. */
const NOT_WANTED = "The user doesn't want to proceed with this tool use.";

/** Messages of the agent's work. */
export type WorkMessage = Extract<Message, { type: 'stream_event' | 'assistant' | 'user' }>;

/** A tool use whose input forms. */
interface Forming {
  id: string;
  told: number;
}

/** Turns what Claude Code writes of its work into what is told of it. What came in parts is not told again. */
export class Reader {
  readonly #workspace: string;
  readonly #todos = new TodoList();
  readonly #tools = new OpenTools();
  readonly #outcomes = new ToolOutcomes();
  readonly #streamed = new StreamedText();
  /** Tool uses of the answer that streams, by the block's index. */
  readonly #forming = new Map<number, Forming>();
  #texts = 0;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** `interrupting`: whether the turn is asked to end, so that tools are stopped. */
  read(message: WorkMessage, interrupting: boolean): AgentReport[] {
    const parent = message.parent_tool_use_id ?? undefined;
    const items = this.#items(message, parent, interrupting);
    this.#outcomes.add(items);
    return items.map((item) => report(item, parent));
  }

  /** Closes what a turn has left open. `refused`: the names of the tools that it has used, where each use was refused. */
  endTurn({ permission_denials: denials = [] }: Pick<Result, 'permission_denials'>): {
    reports: AgentReport[];
    refused: string[];
  } {
    const refused = new Set(denials.flatMap(({ tool_use_id: id }) => (id === undefined ? [] : [id])));
    this.#forming.clear();
    this.#streamed.clear();
    const closed = this.#tools.end(refused);
    this.#outcomes.add(closed.map(({ item }) => item));
    return {
      reports: closed.map(({ item, parent }) => report(item, parent)),
      refused: this.#outcomes.endTurn(),
    };
  }

  #items(message: WorkMessage, parent: string | undefined, interrupting: boolean): AgentItem[] {
    switch (message.type) {
      case 'stream_event':
        // A sub-agent's blocks come whole.
        return parent === undefined ? this.#part(message.event) : [];
      case 'assistant': {
        const blocks = message.message.content;
        // Why no answer came is the turn's end to tell.
        const said = message.error === undefined ? blocks : blocks.filter(({ type }) => type === 'tool_use');
        return said.flatMap((block) => this.#whole(block, parent));
      }
      case 'user':
        return this.#results(message, interrupting);
    }
  }

  #part(event: StreamEvent): AgentItem[] {
    const { type, index, content_block: block, delta } = event;
    if (type === 'message_start') {
      this.#streamed.clear();
      this.#forming.clear();
      return this.#tools.cutOff();
    }
    if (index === undefined) return [];
    if (type === 'content_block_start' && block?.type === 'tool_use' && block.id !== undefined) {
      this.#forming.set(index, { id: block.id, told: 0 });
      this.#tools.begin(block.id);
      return [{ kind: 'tool', id: block.id, name: nameOf(block) }];
    }
    if (type !== 'content_block_delta' || delta === undefined) return [];
    if (delta.type === 'text_delta') return this.#said(index, 'text', delta.text);
    if (delta.type === 'thinking_delta') return this.#said(index, 'thinking', delta.thinking);
    return delta.type === 'input_json_delta' ? this.#formed(index, delta.partial_json) : [];
  }

  #said(index: number, kind: 'text' | 'thinking', delta: string | undefined): AgentItem[] {
    if (delta === undefined || delta === '') return [];
    return [{ kind, id: this.#streamed.add(index, kind, delta, () => this.#textId()), delta }];
  }

  #formed(index: number, delta: string | undefined): AgentItem[] {
    const tool = this.#forming.get(index);
    if (tool === undefined || delta === undefined || delta === '' || tool.told >= MAX_FORMING) return [];
    tool.told += delta.length;
    return [{ kind: 'tool-input', id: tool.id, delta }];
  }

  /** A block that is whole: of a tool use its input, of a text what did not come in parts. */
  #whole(block: Block, parent: string | undefined): AgentItem[] {
    if (block.type === 'tool_use' && block.id !== undefined) return this.#call(block.id, block, parent);
    const { type: kind } = block;
    if (kind !== 'text' && kind !== 'thinking') return [];
    const whole = block[kind] ?? '';
    const streamed = parent === undefined ? this.#streamed.rest(kind, whole) : undefined;
    const { id, rest } = streamed ?? { id: this.#textId(), rest: whole };
    return rest === '' ? [] : [{ kind, id, delta: rest }];
  }

  #call(id: string, block: Block, parent: string | undefined): AgentItem[] {
    const name = nameOf(block);
    const { input = {} } = block;
    this.#tools.call(id, parent);
    const title = toolTitle(name, input, this.#workspace);
    const call: AgentItem = { kind: 'tool-call', id, name, title, input: cutInput(input) };
    // A sub-agent's list is its own.
    const todos = parent === undefined ? this.#todos.use(id, name, input) : undefined;
    return todos === undefined ? [call] : [call, { kind: 'todos', items: todos }];
  }

  #results(message: UserMessage, interrupting: boolean): AgentItem[] {
    const { content } = message.message;
    if (typeof content === 'string') return [];
    return content.flatMap((block) => {
      const result = toolResultSchema.safeParse(block).data;
      if (result === undefined || !this.#tools.close(result.tool_use_id)) return [];
      const meta = message.tool_result_meta?.find(({ id }) => id === result.tool_use_id);
      return this.#result(result, meta?.non_execution_kind !== undefined, interrupting);
    });
  }

  #result(result: ToolResult, notUsed: boolean, interrupting: boolean): AgentItem[] {
    const { tool_use_id: id, is_error: isError, content = '' } = result;
    const text = typeof content === 'string' ? content : content.map(partText).join('\n');
    const stopped = isError === true && (notUsed || text.startsWith(NOT_WANTED));
    const outcome = stopped
      ? interrupting
        ? 'interrupted'
        : 'refused'
      : isError === true
        ? 'failed'
        : 'done';
    // To the agent it is said that its user did not want it, which the user has no need to read.
    const told = outcome === 'interrupted' ? '' : cutText(text);
    const item: AgentItem = { kind: 'tool-result', id, outcome, text: told };
    const todos = this.#todos.result(id, text);
    return todos === undefined ? [item] : [item, { kind: 'todos', items: todos }];
  }

  #textId(): string {
    return `text-${String(++this.#texts)}`;
  }
}

const report = (item: AgentItem, parent: string | undefined): AgentReport => ({
  type: 'item',
  item,
  ...(parent === undefined ? {} : { parent }),
});

const nameOf = ({ name }: Block): string => (name === undefined || name === '' ? 'a tool' : name);

const partText = ({ type, text }: { type: string; text?: string | undefined }): string => text ?? `(${type})`;
