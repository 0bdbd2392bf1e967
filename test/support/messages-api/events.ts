import { randomBytes } from 'node:crypto';
import type { Block, Turn, TurnUsage } from './turn.ts';

/** An event of a streamed answer: its data, whose `type` is the event's name. */
export type MessageEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Characters of a delta, and how many deltas a block has at most, where its script does not say. */
const PIECE = 24;
const MOST_PIECES = 1000;

/** The events of an answer, as the Messages API streams them. */
export function* messageEvents(turn: Turn, model: string): Generator<MessageEvent> {
  const usage = usageOf(turn.usage, 1);
  const head = { ...messageHead(model), content: [], stop_reason: null, stop_sequence: null, usage };
  yield { type: 'message_start', message: head };
  for (const [index, block] of turn.blocks.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    for (const delta of deltas(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
    if (index === 0) yield { type: 'ping' };
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: turn.stopReason, stop_sequence: null },
    usage: { output_tokens: turn.usage.output },
  };
  yield { type: 'message_stop' };
}

/** An answer that is not streamed. */
export function message(turn: Turn, model: string): Record<string, unknown> {
  return {
    ...messageHead(model),
    content: turn.blocks.map(whole),
    stop_reason: turn.stopReason,
    stop_sequence: null,
    usage: usageOf(turn.usage, turn.usage.output),
  };
}

const messageHead = (model: string) => ({
  id: `msg_${randomBytes(12).toString('hex')}`,
  type: 'message',
  role: 'assistant',
  model,
});

const usageOf = (usage: TurnUsage, output: number) => ({
  input_tokens: usage.input,
  cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
  cache_read_input_tokens: usage.cacheRead,
  cache_creation: {
    ephemeral_5m_input_tokens: usage.cacheWrite5m,
    ephemeral_1h_input_tokens: usage.cacheWrite1h,
  },
  output_tokens: output,
  service_tier: 'standard',
});

function whole(block: Block): Record<string, unknown> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'thinking':
      return { type: 'thinking', thinking: block.thinking, signature: block.signature };
    case 'tool_use':
      return { type: 'tool_use', id: toolId(block), name: block.name, input: block.input };
  }
}

function emptied(block: Block): Record<string, unknown> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'tool_use':
      return { type: 'tool_use', id: toolId(block), name: block.name, input: {} };
  }
}

function* deltas(block: Block): Generator<Record<string, unknown>> {
  switch (block.type) {
    case 'text':
      for (const text of pieces(block.text, block.pieces)) yield { type: 'text_delta', text };
      return;
    case 'thinking':
      for (const thinking of pieces(block.thinking, block.pieces)) yield { type: 'thinking_delta', thinking };
      yield { type: 'signature_delta', signature: block.signature };
      return;
    case 'tool_use':
      yield { type: 'input_json_delta', partial_json: '' };
      for (const partial_json of pieces(JSON.stringify(block.input), block.pieces)) {
        yield { type: 'input_json_delta', partial_json };
      }
  }
}

const toolId = (block: Extract<Block, { type: 'tool_use' }>): string =>
  block.id ?? `toolu_${randomBytes(12).toString('hex')}`;

/** A text cut into so many pieces of about the same length, whole characters each. */
function* pieces(
  text: string,
  count = Math.min(Math.ceil(text.length / PIECE), MOST_PIECES),
): Generator<string> {
  const characters = text.length < 1024 * 1024 ? Array.from(text) : text;
  const size = Math.max(1, Math.ceil(characters.length / Math.max(1, count)));
  for (let at = 0; at < characters.length; at += size) {
    const piece = characters.slice(at, at + size);
    yield typeof piece === 'string' ? piece : piece.join('');
  }
}
