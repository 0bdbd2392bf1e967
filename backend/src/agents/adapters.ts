import { anyAcpAgent } from './acp/any-agent.ts';
import { opencode } from './acp/opencode.ts';
import type { AgentAdapter } from './agent.ts';
import { claudeCode } from './claude-code/claude-code.ts';

/** The agents that tasks can have. */
export const ADAPTERS: readonly AgentAdapter[] = [claudeCode, opencode, anyAcpAgent];
