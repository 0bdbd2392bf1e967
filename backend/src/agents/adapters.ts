import type { AgentAdapter } from './agent.ts';
import { claudeCode } from './claude-code/claude-code.ts';

/** The agents that tasks can have. */
export const ADAPTERS: readonly AgentAdapter[] = [claudeCode];
