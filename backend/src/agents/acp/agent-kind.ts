import type { Todos } from './reader.ts';

/** What tells one agent of the Agent Client Protocol from another. */
export interface AcpAgent {
  /** As people name it. */
  readonly name: string;
  /**
   * How a message of the user's gets into a turn that goes on. The protocol has no way of its own: an agent may take a
   * second prompt at its next step (`prompt`); any other is stopped, and prompted with it then (`cancel`).
   */
  readonly steering: 'prompt' | 'cancel';
  /** Whether the prompt has to say the instructions, since the agent has no place for them. */
  readonly promptInstructions: boolean;
  /** The agent's own name of a model that the provider knows by this one. */
  modelName?(model: string): string;
  /** The list of what is to do that the use of a tool makes; undefined where it makes none. */
  todosIn(tool: string, input: unknown): Todos | undefined;
}
