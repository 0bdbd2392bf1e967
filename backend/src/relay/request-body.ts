import * as z from 'zod/mini';

/** So far as the relay looks at a request for a message; everything else is passed on as it is. */
const requestBodySchema = z.looseObject({
  model: z.string().check(z.minLength(1), z.maxLength(2048)),
  max_tokens: z.optional(z.int().check(z.minimum(1))),
  stream: z.optional(z.nullable(z.boolean())),
  thinking: z.optional(z.looseObject({ type: z.string(), budget_tokens: z.optional(z.number()) })),
  messages: z.array(z.looseObject({ content: z.unknown() })),
});
export type RequestBody = z.infer<typeof requestBodySchema>;

/** Parses a body, or says what is wrong with it in one sentence. */
export function readRequestBody(bytes: Buffer): { body: RequestBody } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { problem: 'The request body is not valid JSON.' };
  }
  const parsed = requestBodySchema.safeParse(value);
  if (parsed.success) return { body: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'is not valid'}` };
}

/** A piece of content, or a tool: an object of which nothing is known yet. */
export type Piece = Readonly<Record<string, unknown>>;

export const isPiece = (value: unknown): value is Piece =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All blocks of a request's messages and system prompt, those inside tool results and documents included. */
export function contentBlocks(body: RequestBody): Piece[] {
  const found: Piece[] = [];
  const waiting: unknown[] = [body['system'], ...body.messages.map(({ content }) => content)];
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (Array.isArray(value)) {
      for (const each of value) waiting.push(each);
    } else if (isPiece(value)) {
      found.push(value);
      // What a tool is given is data of the agent's; all else that holds content is content.
      waiting.push(value['content']);
      const source = value['source'];
      if (isPiece(source)) waiting.push(source['content']);
    }
  }
  return found;
}

/** Lowers `max_tokens`, and with it what may go into thinking, which must be less and at least 1,024. */
export function clamped(body: RequestBody, maxTokens: number): RequestBody {
  if (body.max_tokens === maxTokens) return body;
  const { thinking } = body;
  const lowered = { ...body, max_tokens: maxTokens };
  if (thinking?.budget_tokens === undefined || thinking.budget_tokens < maxTokens) return lowered;
  if (maxTokens > 1024) return { ...lowered, thinking: { ...thinking, budget_tokens: maxTokens - 1 } };
  return { ...lowered, thinking: { type: 'disabled' } };
}
