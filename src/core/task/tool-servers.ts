import * as z from 'zod/mini';
import { OffloadError } from '../../protocol/error.ts';
import { taskRequestSchema, type TaskRequest } from '../../protocol/task.ts';

export type ToolServers = NonNullable<TaskRequest['toolServers']>;

/** A file of servers as agents and editors have it; more than a command is of no use in a box without a network. */
const fileSchema = z.looseObject({
  mcpServers: z.record(
    z.string(),
    z.looseObject({
      type: z.optional(z.string()),
      command: z.optional(z.string()),
      args: z.optional(z.array(z.string())),
      env: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

/**
 * The servers of tools that a configuration names: JSON as `.mcp.json` has it.
 * @param name of the configuration, for messages
 * @throws OffloadError `bad-request` for anything else, and for a server that is no command
 */
export function parseToolServers(text: string, name: string): ToolServers {
  const refused = (why: string, cause?: unknown): OffloadError =>
    new OffloadError('bad-request', `${name} does not name servers of tools: ${why}.`, {
      fix: 'It should look like {"mcpServers": {"name": {"command": "…", "args": []}}}.',
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refused('it is not JSON', cause);
  }
  const file = fileSchema.safeParse(json);
  if (!file.success) throw refused(wordsOf(file.error));
  const servers: ToolServers = {};
  for (const [id, { type = 'stdio', command, args = [], env = {} }] of Object.entries(file.data.mcpServers)) {
    if (type !== 'stdio' || command === undefined) {
      throw refused(`${JSON.stringify(id)} is no command, and nothing else can be reached from the sandbox`);
    }
    servers[id] = { command, args, env };
  }
  const checked = taskRequestSchema.shape.toolServers.safeParse(servers);
  if (!checked.success) throw refused(wordsOf(checked.error));
  return servers;
}

function wordsOf(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  return `${place === '' ? '' : `${place}: `}${issue?.message ?? 'it is wrong'}`;
}
