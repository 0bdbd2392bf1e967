// What Claude Code writes with `--output-format stream-json`.

export const event = (of: object) => ({ type: 'stream_event', event: of, parent_tool_use_id: null });
export const begin = (index: number, block: object) =>
  event({ type: 'content_block_start', index, content_block: block });
export const part = (index: number, delta: object) => event({ type: 'content_block_delta', index, delta });
export const said = (index: number, text: string) => part(index, { type: 'text_delta', text });
export const assistant = (content: object[], more: object = {}) => ({
  type: 'assistant',
  message: { content },
  parent_tool_use_id: null,
  ...more,
});
export const result = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'done',
  ...more,
});
export const toolResult = (id: string, content: unknown, isError = false) => ({
  type: 'user',
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }] },
});
