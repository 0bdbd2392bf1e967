import * as z from 'zod/mini';

/**
 * What Claude Code writes with `--output-format stream-json`, so far as it is read here; see the Agent SDK's reference,
 * "SDKMessage". Everything else is left unread, and so is a message of a kind that is not among these.
 */
const parent = { parent_tool_use_id: z.optional(z.nullable(z.string())) };

const blockSchema = z.looseObject({
  type: z.string(),
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  text: z.optional(z.string()),
  thinking: z.optional(z.string()),
  input: z.optional(z.unknown()),
});

const resultPartSchema = z.looseObject({ type: z.string(), text: z.optional(z.string()) });

export const toolResultSchema = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  is_error: z.optional(z.nullable(z.boolean())),
  content: z.optional(z.union([z.string(), z.array(resultPartSchema)])),
});
export type ToolResult = z.infer<typeof toolResultSchema>;

const initSchema = z.looseObject({
  type: z.literal('system'),
  subtype: z.literal('init'),
  session_id: z.string(),
  model: z.optional(z.string()),
  claude_code_version: z.optional(z.string()),
});

const streamEventSchema = z.looseObject({
  ...parent,
  type: z.literal('stream_event'),
  event: z.looseObject({
    type: z.string(),
    index: z.optional(z.int()),
    message: z.optional(z.looseObject({ id: z.string() })),
    content_block: z.optional(blockSchema),
    delta: z.optional(
      z.looseObject({
        type: z.optional(z.string()),
        text: z.optional(z.string()),
        thinking: z.optional(z.string()),
        partial_json: z.optional(z.string()),
      }),
    ),
  }),
});

const assistantSchema = z.looseObject({
  ...parent,
  type: z.literal('assistant'),
  message: z.looseObject({ id: z.string(), content: z.array(blockSchema) }),
});

const userSchema = z.looseObject({
  ...parent,
  type: z.literal('user'),
  message: z.looseObject({ content: z.union([z.string(), z.array(z.unknown())]) }),
});

const controlRequestSchema = z.looseObject({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.looseObject({
    subtype: z.string(),
    tool_name: z.optional(z.string()),
    tool_use_id: z.optional(z.string()),
    input: z.optional(z.unknown()),
  }),
});
export type ControlRequest = z.infer<typeof controlRequestSchema>;

const resultSchema = z.looseObject({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.optional(z.boolean()),
  result: z.optional(z.string()),
  errors: z.optional(z.array(z.string())),
  permission_denials: z.optional(
    z.array(z.looseObject({ tool_name: z.string(), tool_use_id: z.optional(z.string()) })),
  ),
});
export type Result = z.infer<typeof resultSchema>;

const messageSchema = z.union([
  initSchema,
  streamEventSchema,
  assistantSchema,
  userSchema,
  controlRequestSchema,
  resultSchema,
]);
export type Message = z.infer<typeof messageSchema>;

/** A line as a message; undefined for one that is no JSON, or of a kind that nothing is done with. */
export function parseMessage(line: string): Message | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
