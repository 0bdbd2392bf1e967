import * as z from 'zod/mini';

/**
 * What Claude Code writes with `--output-format stream-json`, so far as it is read here; see the Agent SDK's reference,
 * "SDKMessage". Fields that are not named are left unread, and so are messages of a kind that is not among these.
 */

/** An id of the model's or of Claude Code's own, which becomes that of what is told. */
const id = z.string().check(z.minLength(1), z.maxLength(200));

/** The tool use that a sub-agent works for; null for the agent itself. */
const parent = { parent_tool_use_id: z.optional(z.nullable(id)) };

const blockSchema = z.object({
  type: z.string(),
  id: z.optional(id),
  name: z.optional(z.string()),
  text: z.optional(z.string()),
  thinking: z.optional(z.string()),
  input: z.optional(z.unknown()),
});
export type Block = z.infer<typeof blockSchema>;

export const toolResultSchema = z.object({
  type: z.literal('tool_result'),
  tool_use_id: id,
  is_error: z.optional(z.nullable(z.boolean())),
  content: z.optional(
    z.union([z.string(), z.array(z.object({ type: z.string(), text: z.optional(z.string()) }))]),
  ),
});
export type ToolResult = z.infer<typeof toolResultSchema>;

/** A process begins, or a turn does. */
const initSchema = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  // It becomes an argument when the conversation goes on.
  session_id: z.string().check(z.regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/)),
  model: z.optional(z.string()),
  claude_code_version: z.optional(z.string()),
  /** The servers of tools that it has tried to start. */
  mcp_servers: z.catch(z.optional(z.array(z.object({ name: z.string(), status: z.string() }))), undefined),
});

/** An event of the model's stream, as it comes. Sub-agents have none. */
const streamEventSchema = z.object({
  ...parent,
  type: z.literal('stream_event'),
  event: z.object({
    type: z.string(),
    // What is known of each block is held while the answer streams.
    index: z.optional(z.int().check(z.minimum(0), z.maximum(999))),
    content_block: z.optional(blockSchema),
    delta: z.optional(
      z.object({
        type: z.optional(z.string()),
        text: z.optional(z.string()),
        thinking: z.optional(z.string()),
        partial_json: z.optional(z.string()),
      }),
    ),
  }),
});
export type StreamEvent = z.infer<typeof streamEventSchema>['event'];

/** Whole blocks of an answer, each told once it is there. With `error`, Claude Code's own words of why none came. */
const assistantSchema = z.object({
  ...parent,
  type: z.literal('assistant'),
  message: z.object({ content: z.array(blockSchema) }),
  error: z.optional(z.unknown()),
});

/** What the model is told: results of tools, and messages of the user's, which are repeated with `--replay-user-messages`. */
const userSchema = z.object({
  ...parent,
  type: z.literal('user'),
  message: z.object({ content: z.union([z.string(), z.array(z.unknown())]) }),
  uuid: z.optional(z.string()),
  isReplay: z.optional(z.boolean()),
  /** Why a tool was not used, for those that were not. */
  tool_result_meta: z.optional(
    z.array(z.object({ id: z.optional(z.string()), non_execution_kind: z.optional(z.string()) })),
  ),
});
export type UserMessage = z.infer<typeof userSchema>;

/** How far a message is that was sent with a `uuid`: `queued` first, then anything else. */
const lifecycleSchema = z.object({
  type: z.literal('command_lifecycle'),
  command_uuid: z.string(),
  state: z.string(),
});

const controlRequestSchema = z.object({
  type: z.literal('control_request'),
  request_id: z.string().check(z.minLength(1), z.maxLength(200)),
  request: z.object({
    subtype: z.string(),
    tool_name: z.optional(z.string()),
    input: z.optional(z.unknown()),
  }),
});
export type ControlRequest = z.infer<typeof controlRequestSchema>;

/** A request needs no answer any more. */
const controlCancelSchema = z.object({ type: z.literal('control_cancel_request'), request_id: z.string() });

/** A turn has ended. */
const resultSchema = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.optional(z.boolean()),
  result: z.optional(z.string()),
  errors: z.optional(z.array(z.string())),
  stop_reason: z.optional(z.nullable(z.string())),
  terminal_reason: z.optional(z.nullable(z.string())),
  api_error_status: z.optional(z.nullable(z.int())),
  permission_denials: z.optional(
    z.array(z.object({ tool_name: z.string(), tool_use_id: z.optional(z.string()) })),
  ),
});
export type Result = z.infer<typeof resultSchema>;

const messageSchema = z.discriminatedUnion('type', [
  initSchema,
  streamEventSchema,
  assistantSchema,
  userSchema,
  lifecycleSchema,
  controlRequestSchema,
  controlCancelSchema,
  resultSchema,
]);
export type Message = z.infer<typeof messageSchema>;

/** A line: a message, one that nothing is done with, or no JSON at all. */
export function parseLine(line: string): Message | 'unread' | 'no-json' {
  let value: unknown;
  // An exception for each line of a flood would be dear.
  if (!line.startsWith('{')) return 'no-json';
  try {
    value = JSON.parse(line);
  } catch {
    return 'no-json';
  }
  const parsed = messageSchema.safeParse(value);
  return parsed.success ? parsed.data : 'unread';
}
