import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import type { AgentReport } from '../agent.ts';
import { toolResultSchema, type Message, type ToolResult } from './messages.ts';
import { TodoList } from './todo-list.ts';
import { toolTitle } from './tool-title.ts';

/** Characters of a tool's answer that are told. */
const MAX_RESULT = 16 * 1024;

type StreamEvent = Extract<Message, { type: 'stream_event' }>['event'];
type Spoken = Extract<Message, { type: 'assistant' }>['message'];

/** Blocks of one message as they stream. */
interface Streaming {
  message: string;
  /** Ids of tool uses by the block's index. */
  tools: Map<number, string>;
}

/** Turns what Claude Code writes of its work into what is told of it. What came in parts is not told again. */
export class Reader {
  readonly #workspace: string;
  readonly #todos = new TodoList();
  /** By the tool use that a sub-agent works for, `''` for the agent itself. */
  readonly #streaming = new Map<string, Streaming>();
  /** Messages that came in parts. */
  readonly #streamed = new Set<string>();
  #whole = 0;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  read(message: Message): AgentReport[] {
    if (message.type === 'system') {
      const { session_id: id, model, claude_code_version: version } = message;
      const agent = version === undefined ? 'Claude Code' : `Claude Code ${version}`;
      const session: AgentItem = { kind: 'session', agent, ...(model === undefined ? {} : { model }) };
      return [
        { type: 'conversation', id },
        { type: 'item', item: session },
      ];
    }
    if (message.type === 'control_request' || message.type === 'result') return [];
    const parent = message.parent_tool_use_id ?? undefined;
    return this.#items(message, parent ?? '').map((item) => ({
      type: 'item',
      item,
      ...(parent === undefined ? {} : { parent }),
    }));
  }

  #items(
    message: Exclude<Message, { type: 'system' | 'control_request' | 'result' }>,
    parent: string,
  ): AgentItem[] {
    if (message.type === 'stream_event') return this.#part(message.event, parent);
    if (message.type === 'assistant') return this.#spoken(message.message);
    const { content } = message.message;
    if (typeof content === 'string') return [];
    return content.flatMap((block) => {
      const result = toolResultSchema.safeParse(block).data;
      return result === undefined ? [] : this.#answered(result);
    });
  }

  #part(event: StreamEvent, parent: string): AgentItem[] {
    if (event.type === 'message_start' && event.message !== undefined) {
      this.#streaming.set(parent, { message: event.message.id, tools: new Map() });
      return [];
    }
    const streaming = this.#streaming.get(parent);
    const { index, content_block: block, delta } = event;
    if (streaming === undefined || index === undefined) return [];
    if (event.type === 'content_block_start' && block?.type === 'tool_use' && block.id !== undefined) {
      streaming.tools.set(index, block.id);
      return [{ kind: 'tool', id: block.id, name: block.name ?? 'a tool' }];
    }
    if (event.type !== 'content_block_delta' || delta === undefined) return [];
    const id = `${streaming.message}/${String(index)}`;
    if (delta.type === 'text_delta' && delta.text !== undefined) {
      this.#streamed.add(streaming.message);
      return [{ kind: 'text', id, delta: delta.text }];
    }
    if (delta.type === 'thinking_delta' && delta.thinking !== undefined) {
      this.#streamed.add(streaming.message);
      return delta.thinking === '' ? [] : [{ kind: 'thinking', id, delta: delta.thinking }];
    }
    const tool = streaming.tools.get(index);
    if (delta.type !== 'input_json_delta' || tool === undefined || !delta.partial_json) return [];
    return [{ kind: 'tool-input', id: tool, delta: delta.partial_json }];
  }

  /** A block of a message, whole. Its tool uses are told now, and its text where it did not come in parts. */
  #spoken({ id, content }: Spoken): AgentItem[] {
    return content.flatMap((block): AgentItem[] => {
      if (block.type === 'tool_use' && block.id !== undefined) {
        const { id: tool, name = 'a tool', input } = block;
        const title = toolTitle(name, input, this.#workspace);
        const todos = this.#todos.use(tool, name, input);
        const call: AgentItem = { kind: 'tool-call', id: tool, name, title, input: input ?? {} };
        return todos === undefined ? [call] : [call, { kind: 'todos', items: todos }];
      }
      if (this.#streamed.has(id)) return [];
      const whole = `${id}/whole/${String(this.#whole++)}`;
      if (block.type === 'text' && block.text) return [{ kind: 'text', id: whole, delta: block.text }];
      if (block.type === 'thinking' && block.thinking)
        return [{ kind: 'thinking', id: whole, delta: block.thinking }];
      return [];
    });
  }

  #answered({ tool_use_id: id, is_error: isError, content = '' }: ToolResult): AgentItem[] {
    const text = typeof content === 'string' ? content : content.map(partText).join('\n');
    const outcome = isError === true ? 'failed' : 'done';
    const result: AgentItem = { kind: 'tool-result', id, outcome, text: cut(text) };
    const todos = this.#todos.result(id, text);
    return todos === undefined ? [result] : [result, { kind: 'todos', items: todos }];
  }
}

const partText = ({ type, text }: { type: string; text?: string | undefined }): string => text ?? `(${type})`;

/** The beginning and the end of a long text. */
function cut(text: string): string {
  if (text.length <= MAX_RESULT) return text;
  const half = MAX_RESULT / 2;
  const left = String(text.length - 2 * half);
  return `${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(-half)}`;
}
