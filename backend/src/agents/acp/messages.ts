import * as z from 'zod/mini';

/**
 * What an agent says by the Agent Client Protocol (agentclientprotocol.com), version 1, so far as it is read here. What
 * is not among this is left unread, and so is what does not fit.
 */
const absent = <T extends z.core.$ZodType>(schema: T) =>
  z.optional(
    z.pipe(
      z.nullable(schema),
      z.transform((value) => value ?? undefined),
    ),
  );

/** A message of JSON-RPC 2.0: a request has a method and an id, a notification no id, a response no method. */
const messageSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.optional(z.union([z.string(), z.number()])),
  method: z.optional(z.string()),
});
export type Message = z.infer<typeof messageSchema> & { params?: unknown };

/** A line as a message, as it is; undefined for one that is none. */
export function parseMessage(line: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return messageSchema.safeParse(value).success ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

export const initializedSchema = z.object({
  protocolVersion: z.number(),
  agentInfo: absent(z.object({ name: z.string(), title: absent(z.string()), version: absent(z.string()) })),
  agentCapabilities: absent(
    z.object({
      loadSession: absent(z.boolean()),
      sessionCapabilities: absent(z.object({ resume: absent(z.object({})) })),
    }),
  ),
});
export type Initialized = z.infer<typeof initializedSchema>;

const choiceSchema = z.object({ value: z.string() });

const configOptionSchema = z.object({
  id: z.string(),
  category: absent(z.string()),
  currentValue: z.optional(z.unknown()),
  /** Choices, or groups of them. */
  options: z.optional(z.array(z.union([choiceSchema, z.object({ options: z.array(choiceSchema) })]))),
});
export type ConfigOption = z.infer<typeof configOptionSchema>;

const configOptions = absent(z.array(configOptionSchema));
export const sessionSchema = z.object({ configOptions });
export const newSessionSchema = z.object({
  sessionId: z.string().check(z.minLength(1), z.maxLength(1024)),
  configOptions,
});

export const promptEndSchema = z.object({ stopReason: z.string() });

const contentSchema = z.object({ type: z.string(), text: z.optional(z.string()) });

const toolContentSchema = z.object({
  type: z.string(),
  content: z.optional(contentSchema),
  path: z.optional(z.string()),
});

const toolSchema = z.object({
  toolCallId: z.string().check(z.maxLength(1024)),
  title: absent(z.string()),
  kind: absent(z.string()),
  status: absent(z.string()),
  rawInput: z.optional(z.unknown()),
  rawOutput: z.optional(z.unknown()),
  content: absent(z.array(toolContentSchema)),
  locations: absent(z.array(z.object({ path: z.string() }))),
});
export type ToolUpdate = z.infer<typeof toolSchema>;

const chunk = { content: contentSchema, messageId: absent(z.string()) };

const updateSchema = z.discriminatedUnion('sessionUpdate', [
  z.object({ sessionUpdate: z.literal('agent_message_chunk'), ...chunk }),
  z.object({ sessionUpdate: z.literal('agent_thought_chunk'), ...chunk }),
  z.extend(toolSchema, { sessionUpdate: z.literal('tool_call') }),
  z.extend(toolSchema, { sessionUpdate: z.literal('tool_call_update') }),
  z.object({
    sessionUpdate: z.literal('plan'),
    entries: z.array(z.object({ content: z.string(), status: z.string() })),
  }),
]);
export type Update = z.infer<typeof updateSchema>;

export const updatedSchema = z.object({ sessionId: z.string(), update: updateSchema });

export const askedSchema = z.object({ sessionId: z.string(), toolCall: toolSchema });

/** An error of JSON-RPC, as the library throws it. */
export const errorSchema = z.object({
  code: z.number(),
  message: z.string(),
  data: z.optional(z.unknown()),
});

export const errorDetailSchema = z.object({ details: z.string() });
