import type { AgentItem, Question } from '../../protocol/agent-item.ts';
import type { AgentEvent, Phase, RunEvent, TerminalEvent } from '../../protocol/event.ts';
import type { ModelUsage } from '../../protocol/usage.ts';

type Todo = Extract<AgentItem, { kind: 'todos' }>['items'][number];

interface OpenTool {
  readonly id: string;
  readonly words: string;
}

/** What a status bar or a terminal shows of a task. A pure reduction of its events, live and replayed alike. */
export interface TaskProgress {
  /** The number of the last event. */
  readonly seq: number;
  /** What goes on now, in a few words. */
  readonly doing: string;
  /** The agent's name and version, and its model, as the agent says. */
  readonly agent: string | undefined;
  readonly model: string | undefined;
  /** What models took so far. */
  readonly usage: ModelUsage | undefined;
  readonly todos: readonly Todo[];
  /** Questions that wait for an answer, the oldest first. */
  readonly questions: readonly Question[];
  /** The end of the last text of the agent's own, and that text's id. */
  readonly text: { readonly id: string; readonly text: string } | undefined;
  /** Tool uses that have begun and not ended, the latest last. */
  readonly tools: readonly OpenTool[];
  readonly ended: boolean;
}

export const INITIAL_PROGRESS: TaskProgress = {
  seq: 0,
  doing: 'sending the task',
  agent: undefined,
  model: undefined,
  usage: undefined,
  todos: [],
  questions: [],
  text: undefined,
  tools: [],
  ended: false,
};

/** Characters of the last text and of a tool's words that are kept. */
const KEPT_TEXT_CHARS = 16 * 1024;
const KEPT_WORDS_CHARS = 200;

const PHASES: Readonly<Record<Phase, string>> = {
  queued: 'waiting for its turn',
  uploading: 'sending files',
  starting: 'starting',
  installing: 'installing',
  running: 'starting the agent',
  checking: 'checking the work',
  executing: 'running what it made',
  collecting: 'collecting the changes',
};

/** The progress after one more event. An event that was counted already changes nothing, nor does one after the end. */
export function reduceProgress(progress: TaskProgress, event: RunEvent): TaskProgress {
  if (event.seq <= progress.seq || progress.ended) return progress;
  const next = { ...progress, seq: event.seq };
  switch (event.type) {
    case 'phase':
      return { ...next, doing: PHASES[event.phase] };
    case 'agent':
      return afterItem(next, event);
    case 'output':
      return event.program === undefined || event.program === 'check'
        ? next
        : { ...next, doing: `running ${short(event.program)}` };
    case 'completed':
    case 'failed':
    case 'cancelled': {
      const usage = event.usage.model ?? progress.usage;
      return { ...next, doing: ending(event), usage, questions: [], tools: [], ended: true };
    }
    default:
      return next;
  }
}

function ending(end: TerminalEvent): string {
  if (end.type !== 'completed') return end.type;
  return end.verified === undefined ? 'done' : end.verified ? 'done and verified' : 'done, not verified';
}

function afterItem(progress: TaskProgress, { item, parent }: AgentEvent): TaskProgress {
  switch (item.kind) {
    case 'session':
      return { ...progress, agent: item.agent, model: item.model ?? progress.model, doing: 'thinking' };
    case 'text':
      // What a sub-agent says goes to the agent, not to the user.
      return parent === undefined ? { ...progress, doing: 'writing', text: added(progress, item) } : progress;
    case 'thinking':
      return parent === undefined ? { ...progress, doing: 'thinking' } : progress;
    case 'tool':
      return withTool(progress, { id: item.id, words: short(item.name) });
    case 'tool-call':
      return withTool(progress, { id: item.id, words: short(item.title === '' ? item.name : item.title) });
    case 'tool-result': {
      const tools = progress.tools.filter(({ id }) => id !== item.id);
      return { ...progress, tools, doing: waiting(progress) ?? tools.at(-1)?.words ?? 'thinking' };
    }
    case 'todos':
      return { ...progress, todos: item.items };
    case 'question': {
      const others = progress.questions.filter(({ id }) => id !== item.id);
      return { ...progress, questions: [...others, item], doing: WAITING };
    }
    case 'answer': {
      const after = { ...progress, questions: progress.questions.filter(({ id }) => id !== item.id) };
      return { ...after, doing: waiting(after) ?? after.tools.at(-1)?.words ?? 'thinking' };
    }
    case 'retry':
      return { ...progress, doing: `asking the model again (${short(item.reason)})` };
    case 'usage':
      return { ...progress, usage: item.usage };
    case 'tool-input':
    case 'tool-output':
    case 'message':
      return progress;
  }
}

const WAITING = 'waiting for an answer';
const waiting = ({ questions }: TaskProgress): string | undefined =>
  questions.length > 0 ? WAITING : undefined;

function withTool(progress: TaskProgress, tool: OpenTool): TaskProgress {
  const tools = [...progress.tools.filter(({ id }) => id !== tool.id), tool];
  return { ...progress, tools, doing: waiting(progress) ?? tool.words };
}

function added({ text }: TaskProgress, { id, delta }: { id: string; delta: string }) {
  const before = text?.id === id ? text.text : '';
  return { id, text: (before + delta).slice(-KEPT_TEXT_CHARS) };
}

/** On one line, and not long. */
const short = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= KEPT_WORDS_CHARS ? line : `${line.slice(0, KEPT_WORDS_CHARS - 1)}…`;
};

/** Tokens of all kinds together. */
export const tokensOf = (usage: ModelUsage): number =>
  usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
