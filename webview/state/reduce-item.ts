import { PROMPT_ID, type AgentItem } from '../../src/protocol/agent-item.ts';
import type { AgentEvent } from '../../src/protocol/event.ts';
import type { ToolBlock } from './block.ts';
import type { TreeDraft } from './block-tree.ts';
import { NO_OUTPUT, withOutput } from './program-output.ts';
import type { RunView } from './run-view.ts';

type ToolItem = Extract<
  AgentItem,
  { kind: 'tool' | 'tool-input' | 'tool-call' | 'tool-output' | 'tool-result' }
>;

/** The key of a block for what has this id: texts, tools and questions count apart. */
const keyOf = (kind: string, id: string): string => `${kind}:${id}`;

/** What an agent says or does, added to a draft of the blocks; what is no block comes back as a change of the run. */
export function reduceItem(draft: TreeDraft, event: AgentEvent): Partial<RunView> {
  const { item } = event;
  const parent = event.parent === undefined ? undefined : keyOf('tool', event.parent);
  switch (item.kind) {
    case 'session':
      return parent === undefined
        ? { agent: item.agent, ...(item.model === undefined ? {} : { model: item.model }) }
        : {};
    case 'text':
    case 'thinking':
      addText(draft, item, parent);
      return {};
    case 'tool':
    case 'tool-input':
    case 'tool-call':
    case 'tool-output':
    case 'tool-result':
      reduceTool(draft, item, parent, event.time);
      return {};
    case 'todos':
      return parent === undefined ? { todos: item.items } : {};
    case 'question':
      ask(draft, item, parent);
      return {};
    case 'answer':
      answer(draft, item);
      return {};
    case 'message':
      // The session has it already.
      if (item.id === PROMPT_ID) return {};
      draft.add({ kind: 'message', key: `message:${item.id}`, text: item.text, when: item.when }, parent);
      return {};
    case 'retry':
      retry(draft, item, parent, event);
      return {};
    case 'usage':
      return { usage: item.usage };
  }
}

function addText(
  draft: TreeDraft,
  item: Extract<AgentItem, { kind: 'text' | 'thinking' }>,
  parent?: string,
): void {
  const key = keyOf(item.kind, item.id);
  const there = draft.get(item.kind, key);
  if (there === undefined) draft.add({ kind: item.kind, key, text: item.delta }, parent);
  else draft.replace({ ...there, text: there.text + item.delta });
}

function reduceTool(draft: TreeDraft, item: ToolItem, parent: string | undefined, time: number): void {
  const key = keyOf('tool', item.id);
  const known = draft.get('tool', key);
  const tool = known ?? newTool(key, item.id, time);
  const next = withToolItem(tool, item, time);
  if (known === undefined) draft.add(next, parent);
  else draft.replace(next);
}

function withToolItem(tool: ToolBlock, item: ToolItem, time: number): ToolBlock {
  switch (item.kind) {
    case 'tool':
      return { ...tool, name: item.name };
    case 'tool-input':
      return tool.hasInput ? tool : { ...tool, forming: tool.forming + item.delta };
    case 'tool-call':
      return { ...tool, name: item.name, title: item.title, input: item.input, hasInput: true, forming: '' };
    case 'tool-output':
      return { ...tool, output: withOutput(tool.output, { text: item.delta }) };
    case 'tool-result':
      return { ...tool, outcome: item.outcome, result: item.text, endedAt: time };
  }
}

const newTool = (key: string, id: string, startedAt: number): ToolBlock => ({
  kind: 'tool',
  key,
  id,
  name: 'tool',
  title: undefined,
  forming: '',
  input: undefined,
  hasInput: false,
  output: NO_OUTPUT,
  outcome: undefined,
  result: '',
  children: [],
  startedAt,
  endedAt: undefined,
});

function ask(draft: TreeDraft, question: Extract<AgentItem, { kind: 'question' }>, parent?: string): void {
  const key = keyOf('question', question.id);
  const block = { kind: 'question', key, question, state: 'open', answer: undefined } as const;
  if (draft.get('question', key) === undefined) draft.add(block, parent);
  else draft.replace(block);
}

function answer(draft: TreeDraft, { id, text }: Extract<AgentItem, { kind: 'answer' }>): void {
  const block = draft.get('question', keyOf('question', id));
  if (block === undefined) return;
  draft.replace({ ...block, state: text === undefined ? 'dropped' : 'answered', answer: text });
}

function retry(
  draft: TreeDraft,
  { attempt, delayMs, reason }: Extract<AgentItem, { kind: 'retry' }>,
  parent: string | undefined,
  { seq, time }: AgentEvent,
): void {
  const last = draft.last(parent);
  const block = { attempt, delayMs, reason, time };
  if (last?.kind === 'retry') draft.replace({ ...last, ...block });
  else draft.add({ kind: 'retry', key: `retry:${String(seq)}`, ...block }, parent);
}
