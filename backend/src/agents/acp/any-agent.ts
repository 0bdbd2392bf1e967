import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, sep } from 'node:path';
import { beyondSystem } from '../../executors/prefix.ts';
import { ENGINE_RESERVED, type AgentAdapter, type AgentCommand, type AgentOptions } from '../agent.ts';
import { agentProgram } from '../agent-program.ts';
import type { AcpAgent } from './agent-kind.ts';
import { AcpConversation } from './conversation.ts';

/** A port of the box's own loopback interface. */
const MODEL_PORT = 4117;

const kind: AcpAgent = {
  name: 'The agent',
  steering: 'cancel',
  promptInstructions: true,
  todosIn: () => undefined,
};

/**
 * Any agent that speaks the Agent Client Protocol on its standard input and output, by the program and the arguments that
 * the request names. It finds the model by the variables that Anthropic's own libraries read.
 */
export const anyAcpAgent: AgentAdapter = {
  id: 'acp',
  name: 'Agent Client Protocol',
  command,
  converse: (streams, options, places) => new AcpConversation(kind, streams, options, places),
};

function command({ program: path, args }: AgentOptions): AgentCommand {
  const program = agentProgram(
    path,
    'agent',
    'Give the path of a program that speaks the Agent Client Protocol, with "--agent-program" in a terminal.',
  );
  return {
    argv: [program, ...args],
    env: {
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${String(MODEL_PORT)}`,
      // The relay puts the real one in.
      ANTHROPIC_API_KEY: 'none',
    },
    readOnly: beyondSystem([program, ...args].flatMap(boundFor)),
    modelPort: MODEL_PORT,
    reservedBytes: ENGINE_RESERVED,
  };
}

/**
 * What an argument needs of the host: the file that it names, and where its path leads to; for a package of npm the
 * packages beside it, which it may import.
 */
function boundFor(argument: string): string[] {
  if (!isAbsolute(argument) || !existsSync(argument)) return [];
  const folder = `${sep}node_modules${sep}`;
  return [...new Set([argument, realpathSync(argument)])].map((path) => {
    const at = path.indexOf(folder);
    return at === -1 ? path : path.slice(0, at + folder.length - 1);
  });
}
