import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { EventBody } from '../../../src/protocol/event.ts';

/** The numbers of a run that took something. */
export const USAGE = {
  wallMs: 42_000,
  outputBytes: 0,
  model: {
    turns: 4,
    requests: 5,
    inputTokens: 5200,
    outputTokens: 1800,
    cacheReadTokens: 21_000,
    cacheWriteTokens: 3000,
    usd: 0.0873,
  },
};

/** An event of something that the agent says or does, for a sub-agent's tool use if one is named. */
export const agent = (item: AgentItem, parent?: string): EventBody => ({
  type: 'agent',
  item,
  ...(parent === undefined ? {} : { parent }),
});

export const say = (id: string, delta: string): EventBody => agent({ kind: 'text', id, delta });

/** The events of a run that has begun. */
export const begun: EventBody[] = [
  { type: 'phase', phase: 'queued' },
  { type: 'phase', phase: 'starting' },
  { type: 'phase', phase: 'running' },
  agent({ kind: 'message', id: 'prompt', text: 'What the task is.', when: 'now' }),
  agent({ kind: 'session', agent: 'Claude Code 2.1', model: 'model-large' }),
];

/** A tool use from its beginning to its result. */
export const tool = (id: string, name: string, title: string, input: unknown, text: string): EventBody[] => [
  agent({ kind: 'tool', id, name }),
  agent({ kind: 'tool-call', id, name, title, input }),
  agent({ kind: 'tool-result', id, outcome: 'done', text }),
];

export const completed: EventBody = { type: 'completed', verified: true, usage: USAGE };
