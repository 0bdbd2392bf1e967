import type { AgentAdapter, AgentOptions } from '../../../backend/src/agents/agent.ts';
import type { AcpAgent } from '../../../backend/src/agents/acp/agent-kind.ts';
import { anyAcpAgent } from '../../../backend/src/agents/acp/any-agent.ts';
import { AcpConversation, type Patience } from '../../../backend/src/agents/acp/conversation.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { hostile, scripted, type Hostility, type Scenario } from './scenario.ts';

/** What a test wants of the adapter besides its options. */
interface Wishes {
  kind?: Partial<AcpAgent>;
  patience?: Partial<Patience>;
}

const KIND: AcpAgent = {
  name: 'The agent',
  steering: 'cancel',
  promptInstructions: true,
  todosIn: () => undefined,
};

/** Long enough for a machine that has much to do. */
const PATIENCE: Patience = { openingMs: 60_000, stoppingMs: 60_000 };

const adapter = ({ kind, patience }: Wishes): AgentAdapter => ({
  ...anyAcpAgent,
  converse: (streams, options, places) =>
    new AcpConversation({ ...KIND, ...kind }, streams, options, places, { ...PATIENCE, ...patience }),
});

const start = (args: string[], options: Partial<AgentOptions>, wishes: Wishes): Promise<AgentSession> =>
  AgentSession.start(adapter(wishes), {}, { ...options, program: process.execPath, args });

/** A conversation with the scripted agent, by the adapter for any agent. */
export const withScripted = (
  scenario: Scenario,
  options: Partial<AgentOptions> = {},
  wishes: Wishes = {},
): Promise<AgentSession> => start(scripted(scenario), options, wishes);

/** With a program that is no agent, or a hostile one. */
export const withHostile = (
  kind: Hostility,
  options: Partial<AgentOptions> = {},
  wishes: Wishes = {},
): Promise<AgentSession> => start(hostile(kind), options, wishes);
