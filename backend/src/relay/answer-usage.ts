import * as z from 'zod/mini';
import { estimateOutputTokens } from './estimate.ts';
import { SseEvents } from './sse-events.ts';
import { NO_TOKENS, USUAL_TERMS, type Terms, type Tokens } from './tokens.ts';

const count = z.catch(z.optional(z.nullable(z.int().check(z.minimum(0)))), undefined);

/** The `usage` of an answer; each event may have a part of it, in sums so far. */
const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.catch(
    z.optional(z.nullable(z.object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }))),
    undefined,
  ),
  server_tool_use: z.catch(z.optional(z.nullable(z.object({ web_search_requests: count }))), undefined),
  speed: z.catch(z.optional(z.nullable(z.string())), undefined),
  inference_geo: z.catch(z.optional(z.nullable(z.string())), undefined),
});

const eventSchema = z.object({
  type: z.string(),
  message: z.catch(z.optional(z.object({ usage: z.optional(usageSchema) })), undefined),
  usage: z.catch(z.optional(z.nullable(usageSchema)), undefined),
  delta: z.catch(z.optional(z.record(z.string(), z.unknown())), undefined),
  error: z.catch(z.optional(z.object({ type: z.string(), message: z.catch(z.string(), '') })), undefined),
});

/** What of a delta is output of the model. */
const OUTPUT = ['text', 'thinking', 'partial_json'] as const;

/** Bytes of an answer that is not streamed which are kept to read its usage. */
const MAX_MESSAGE = 64 * 1024 * 1024;

/** Reads what an answer took from its bytes, as they pass by. */
export class AnswerUsage {
  readonly tokens: Tokens = { ...NO_TOKENS };
  readonly terms: Terms = { ...USUAL_TERMS };
  /** The error that the model ended the stream with. */
  error: { type: string; message: string } | undefined;
  /** Whether the answer came to its end and said what it took. */
  complete = false;
  /** Whether the answer said what its input took. */
  hasInput = false;
  /** Whether any of it has arrived. */
  begun = false;
  #characters = 0;
  #message: Buffer[] | undefined;
  #messageBytes = 0;
  readonly #events: SseEvents | undefined;

  constructor(streamed: boolean) {
    this.#events = streamed ? new SseEvents((data) => this.#event(data)) : undefined;
    this.#message = streamed ? undefined : [];
  }

  push(bytes: Uint8Array): void {
    this.begun = true;
    this.#events?.push(bytes);
    this.#messageBytes += bytes.length;
    if (this.#messageBytes > MAX_MESSAGE) this.#message = undefined;
    this.#message?.push(Buffer.from(bytes));
  }

  /** Call at the end of the bytes, wherever that is. What the answer did not come to say is estimated. */
  end(): void {
    if (this.#message !== undefined) this.#event(Buffer.concat(this.#message).toString('utf8'));
    this.#message = undefined;
    if (this.complete) return;
    const characters = this.#events === undefined ? this.#messageBytes : this.#characters;
    this.tokens.output = Math.max(this.tokens.output, estimateOutputTokens(characters));
  }

  #event(data: string): void {
    const parsed = eventSchema.safeParse(json(data));
    if (!parsed.success) return;
    const { type, message, usage, delta, error } = parsed.data;
    switch (type) {
      case 'message_start':
        if (message?.usage) this.#take(message.usage);
        break;
      case 'message_delta':
        if (usage) this.#take(usage);
        this.complete = typeof usage?.output_tokens === 'number';
        break;
      case 'message':
        if (usage) this.#take(usage);
        this.complete = typeof usage?.output_tokens === 'number';
        break;
      case 'content_block_delta':
        for (const name of OUTPUT) {
          const part = delta?.[name];
          if (typeof part === 'string') this.#characters += part.length;
        }
        break;
      case 'error':
        this.error = error ?? { type: 'api_error', message: '' };
    }
  }

  #take(usage: z.infer<typeof usageSchema>): void {
    const { tokens, terms } = this;
    tokens.input = usage.input_tokens ?? tokens.input;
    this.hasInput ||= typeof usage.input_tokens === 'number';
    tokens.output = usage.output_tokens ?? tokens.output;
    tokens.cacheRead = usage.cache_read_input_tokens ?? tokens.cacheRead;
    const written = usage.cache_creation_input_tokens ?? tokens.cacheWrite5m + tokens.cacheWrite1h;
    const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? tokens.cacheWrite1h;
    tokens.cacheWrite1h = Math.min(hour, written);
    tokens.cacheWrite5m = written - tokens.cacheWrite1h;
    terms.webSearches = usage.server_tool_use?.web_search_requests ?? terms.webSearches;
    if (typeof usage.speed === 'string') terms.fast = usage.speed === 'fast';
    if (typeof usage.inference_geo === 'string') terms.usOnly = usage.inference_geo === 'us';
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
