import type { Step } from './scenario.ts';

/** Steps that tell something as the Agent Client Protocol does. */
export const update = (of: object): Step => ({ update: of });

export const tool = (id: string, more: object = {}): Step =>
  update({ sessionUpdate: 'tool_call', toolCallId: id, title: 'bash', kind: 'execute', ...more });

export const toolUpdate = (id: string, more: object): Step =>
  update({ sessionUpdate: 'tool_call_update', toolCallId: id, ...more });

/** What an update of a tool says that has shown a text so far. */
export const shows = (text: string) => ({ content: [{ type: 'content', content: { type: 'text', text } }] });

/** A tool that is used, from its beginning to its end. */
export const used = (id: string): Step[] => [
  tool(id, { status: 'in_progress' }),
  toolUpdate(id, { status: 'completed' }),
];
