import * as z from 'zod/mini';
import {
  ENGINE_RESERVED,
  type AgentAdapter,
  type AgentCommand,
  type AgentOptions,
  type AgentPlaces,
} from '../agent.ts';
import { agentProgram } from '../agent-program.ts';
import type { AcpAgent } from './agent-kind.ts';
import { AcpConversation } from './conversation.ts';
import { todosOf } from './reader.ts';

/** A port of the box's own loopback interface. */
const MODEL_PORT = 4117;

/** Where the instructions are written down, in its home. */
const INSTRUCTIONS = '.offload/instructions.md';

const todosSchema = z.object({
  todos: z.array(z.object({ content: z.string(), status: z.string() })),
});

const kind: AcpAgent = {
  name: 'opencode',
  // It reads its conversation anew at each step, and ends the turn for all prompts that it has taken in.
  steering: 'prompt',
  promptInstructions: false,
  modelName: (model) => `anthropic/${model}`,
  todosIn: (tool, input) => {
    if (tool !== 'todowrite') return undefined;
    const written = todosSchema.safeParse(input).data;
    return written === undefined ? undefined : todosOf(written.todos);
  },
};

/** opencode (opencode.ai/docs/acp), by the Agent Client Protocol. */
export const opencode: AgentAdapter = {
  id: 'opencode',
  name: kind.name,
  command,
  converse: (streams, options, places) => new AcpConversation(kind, streams, options, places),
};

function command(options: AgentOptions, places: AgentPlaces): AgentCommand {
  const program = agentProgram(
    options.program,
    'opencode',
    'Install it, or set its path: "offload.agents.opencode.path".',
  );
  const { instructions } = options;
  return {
    argv: [program, 'acp', ...options.args],
    env: {
      // Stronger than a configuration that the workspace has, which counts else.
      OPENCODE_CONFIG_CONTENT: JSON.stringify(configuration(options, places)),
      // What would ask the network, which is closed.
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      OPENCODE_DISABLE_SHARE: '1',
    },
    readOnly: [program],
    ...(instructions === undefined ? {} : { homeFiles: { [INSTRUCTIONS]: instructions } }),
    modelPort: MODEL_PORT,
    reservedBytes: ENGINE_RESERVED,
  };
}

/** See opencode.ai/docs/config. */
function configuration({ model, instructions }: AgentOptions, { home }: AgentPlaces): object {
  return {
    autoupdate: false,
    share: 'disabled',
    // The task's changes are collected from the files.
    snapshot: false,
    enabled_providers: ['anthropic'],
    provider: {
      anthropic: {
        options: {
          baseURL: `http://127.0.0.1:${String(MODEL_PORT)}/v1`,
          // The relay puts the real one in.
          apiKey: 'none',
        },
        // A model that it does not know is one all the same.
        models: model === undefined ? {} : { [model]: {} },
      },
    },
    ...(model === undefined ? {} : { model: kind.modelName?.(model) }),
    // The box is the permission. The web is closed.
    permission: { '*': 'allow', webfetch: 'deny', websearch: 'deny' },
    // A title would be a request of its own, which nobody reads the answer of.
    agent: { title: { disable: true } },
    ...(instructions === undefined ? {} : { instructions: [`${home}/${INSTRUCTIONS}`] }),
  };
}
