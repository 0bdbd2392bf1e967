import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beyondSystem, isSafePrefix } from '../../executors/prefix.ts';
import type { AgentCommand } from '../agent.ts';

/** The bridge's file, which the build puts beside this one's. */
const BRIDGE = fileURLToPath(new URL('model-port.mjs', import.meta.url));

/** Less of what the bridge does not need: it passes bytes on. */
const NODE_OPTIONS = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/**
 * A command whose port for the model, where it has one, leads to the relay's socket: the agent is started by a bridge,
 * which the backend's own Node runs.
 */
export function throughModelPort(command: AgentCommand, modelSocket: string, bridge = BRIDGE): AgentCommand {
  const { argv, modelPort, env, readOnly } = command;
  if (modelPort === undefined) return command;
  const node = ownNode();
  return {
    ...command,
    argv: [node.path, ...NODE_OPTIONS, bridge, String(modelPort), modelSocket, '--', ...argv],
    env: { ...env, ...node.env },
    readOnly: [...readOnly, ...node.readOnly, bridge],
  };
}

/** The Node that runs this process, which may be an editor's binary that acts as one. */
function ownNode(): { path: string; readOnly: string[]; env: Record<string, string> } {
  const path = realpathSync(process.execPath);
  const isEditor = process.versions['electron'] !== undefined;
  // An editor's binary lies beside its libraries, Node's in a folder beside theirs.
  const folder = isEditor ? dirname(path) : dirname(dirname(path));
  return {
    path,
    readOnly: beyondSystem([isSafePrefix(folder) ? folder : path]),
    env: isEditor ? { ELECTRON_RUN_AS_NODE: '1' } : {},
  };
}
