import type { Failure } from './failure.ts';

/** A part of an answer. `pieces`: in how many deltas it is streamed; default one for each 24 characters or so, 1000 at most. */
export type Block =
  | { type: 'text'; text: string; pieces?: number }
  | { type: 'thinking'; thinking: string; signature: string; pieces?: number }
  | { type: 'tool_use'; name: string; input: unknown; id?: string; pieces?: number };

/** What an answer is said to have taken, in tokens. */
export interface TurnUsage {
  input: number;
  output: number;
  cacheRead: number;
  /** Written to the cache for five minutes, and for an hour. */
  cacheWrite5m: number;
  cacheWrite1h: number;
}

export type StopReason = 'end_turn' | 'tool_use' | 'max_tokens' | 'refusal' | 'stop_sequence' | 'pause_turn';

/** One answer of the model. */
export interface Turn {
  blocks: readonly Block[];
  usage: TurnUsage;
  stopReason: StopReason;
  /** Milliseconds between two events. */
  delayMs?: number;
  /** Before the event of this number (from 0), the answer waits for this. */
  hold?: { event: number; until: Promise<unknown> };
  /** What happens to the first requests for this turn instead, one after the other. */
  failures?: readonly Failure[];
}

export type TurnOptions = Partial<Omit<Turn, 'blocks' | 'usage'>> & { usage?: Partial<TurnUsage> };

/** What a script's list holds: a turn, a failure that every request for it meets, or what a turn has in it. */
export type Step = Turn | Failure | Block | readonly Block[];

/** What an answer takes where its script does not say. */
const USUAL_USAGE: TurnUsage = {
  input: 100,
  output: 20,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};

export const text = (content: string, options: { pieces?: number } = {}): Block => ({
  type: 'text',
  text: content,
  ...options,
});

export const thinking = (content: string, options: { signature?: string; pieces?: number } = {}): Block => ({
  type: 'thinking',
  thinking: content,
  signature: 'bWFkZS11cA==',
  ...options,
});

/** A use of a tool, by its name as the agent told it to the model. */
export const use = (name: string, input: unknown, options: { id?: string; pieces?: number } = {}): Block => ({
  type: 'tool_use',
  name,
  input,
  ...options,
});

/** A turn that says something and ends there. */
export const say = (content: string, options: TurnOptions = {}): Turn => turn([text(content)], options);

/** A turn of any blocks. It stops for tools where it uses one. */
export function turn(blocks: readonly Block[], options: TurnOptions = {}): Turn {
  const usesTools = blocks.some(({ type }) => type === 'tool_use');
  return {
    stopReason: usesTools ? 'tool_use' : 'end_turn',
    ...options,
    blocks,
    usage: { ...USUAL_USAGE, ...options.usage },
  };
}

/** A turn whose first requests fail, each in the way that is next. */
export const after = (failures: readonly Failure[], step: Turn | Block | readonly Block[]): Turn => ({
  ...asTurn(step),
  failures,
});

export function asTurn(step: Turn | Block | readonly Block[]): Turn {
  if ('blocks' in step) return step;
  return turn('type' in step ? [step] : step);
}
