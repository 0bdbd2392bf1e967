import { isDeepStrictEqual } from 'node:util';
import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { ToolUpdate } from './messages.ts';
import { resultText, shownText } from './result-text.ts';
import { toolName, toolTitle, type Titled } from './tool-title.ts';

/** Tools in use at once, and characters that are held for them, at most. */
const MANY = 1000;
const MUCH = 128 * 1024 * 1024;

interface Use extends Titled {
  /** Ours: an agent may use its own twice. */
  id: string;
  name: string;
  status: string | undefined;
  input: unknown;
  inputLength: number;
  /** What was told of its call. */
  called: { title: string; input: unknown } | undefined;
  /** What was told of its output. */
  shown: string;
}

/** The tools that an agent uses, put together from what it tells of each, which is what has changed. */
export class ToolUses {
  readonly #workspace: string;
  /** Those that have no result yet, by the agent's id. */
  readonly #open = new Map<string, Use>();
  #count = 0;
  #held = 0;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** @throws OffloadError `agent-failed` for an agent that uses tools without end */
  update(update: ToolUpdate, isInterrupted: boolean): AgentItem[] {
    const items: AgentItem[] = [];
    let use = this.#open.get(update.toolCallId);
    if (use === undefined) {
      // What comes after a tool's result is of no use; what begins one has a title.
      if (update.title === undefined) return [];
      use = this.#begin(update);
      items.push({ kind: 'tool', id: use.id, name: use.name });
    }
    this.#learn(use, update);
    if (use.status === undefined || use.status === 'pending') return items;
    const isOver = use.status === 'completed' || use.status === 'failed';
    items.push(...this.#called(use, isOver));
    if (!isOver) return [...items, ...this.#shownMore(use, update)];
    this.#forget(update.toolCallId, use);
    const outcome = isInterrupted ? 'interrupted' : use.status === 'completed' ? 'done' : 'failed';
    return [...items, { kind: 'tool-result', id: use.id, outcome, text: resultText(update, use.shown) }];
  }

  /** A tool is about to work: its call is whole. */
  begins(update: ToolUpdate): AgentItem[] {
    return this.update({ ...update, status: 'in_progress' }, false);
  }

  /** What an agent leaves without a result gets one. */
  end(): AgentItem[] {
    const left = [...this.#open.values()];
    this.#open.clear();
    this.#held = 0;
    return left.map(({ id, shown }) => ({
      kind: 'tool-result',
      id,
      outcome: 'interrupted',
      text: resultText({ toolCallId: id }, shown),
    }));
  }

  #begin(update: ToolUpdate): Use {
    if (this.#open.size >= MANY) {
      throw new OffloadError('agent-failed', `The agent uses more than ${String(MANY)} tools at once.`);
    }
    const id = `tool-${String(++this.#count)}`;
    const name = toolName(update);
    const nothing = { title: undefined, kind: undefined, path: undefined, status: undefined };
    const use = { id, name, ...nothing, input: undefined, inputLength: 0, called: undefined, shown: '' };
    this.#open.set(update.toolCallId, use);
    return use;
  }

  /** What is absent in an update stays as it was. */
  #learn(use: Use, { title, kind, status, locations, rawInput }: ToolUpdate): void {
    use.title = title?.slice(0, 1024) ?? use.title;
    use.kind = kind?.slice(0, 64) ?? use.kind;
    use.status = status?.slice(0, 64) ?? use.status;
    use.path = locations?.[0]?.path.slice(0, 4096) ?? use.path;
    if (rawInput === undefined || rawInput === null) return;
    const length = JSON.stringify(rawInput).length;
    this.#hold(length - use.inputLength);
    [use.input, use.inputLength] = [rawInput, length];
  }

  #called(use: Use, isOver: boolean): AgentItem[] {
    const call = { title: toolTitle(use, this.#workspace), input: use.input ?? {} };
    // A result often comes with another title, which says less of what was asked for.
    if (use.called !== undefined && (isOver || isDeepStrictEqual(call, use.called))) return [];
    use.called = call;
    return [{ kind: 'tool-call', id: use.id, name: use.name, ...call }];
  }

  /** Agents tell all of a tool's output each time: what is new of it. */
  #shownMore(use: Use, update: ToolUpdate): AgentItem[] {
    const text = shownText(update);
    if (text === undefined || text.length <= use.shown.length || !text.startsWith(use.shown)) return [];
    const delta = text.slice(use.shown.length);
    this.#hold(delta.length);
    use.shown = text;
    return [{ kind: 'tool-output', id: use.id, delta }];
  }

  #hold(characters: number): void {
    this.#held += characters;
    if (this.#held <= MUCH) return;
    throw new OffloadError('agent-failed', 'The agent tells more of its tools than can be held.');
  }

  #forget(agentsId: string, use: Use): void {
    this.#open.delete(agentsId);
    this.#held -= use.inputLength + use.shown.length;
  }
}
