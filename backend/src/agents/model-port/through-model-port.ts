import { throughBridge } from '../../loopback/through-bridge.ts';
import type { AgentCommand } from '../agent.ts';

/** A command whose port for the model, where it has one, leads to the relay's socket: the agent is started by a bridge. */
export function throughModelPort(command: AgentCommand, modelSocket: string, bridge?: string): AgentCommand {
  const { modelPort } = command;
  if (modelPort === undefined) return command;
  return { ...command, ...throughBridge(command, modelPort, modelSocket, bridge) };
}
