import type { McpServer } from '@agentclientprotocol/sdk';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { AgentOptions } from '../agent.ts';
import type { RemoteAgent } from './connection.ts';
import type { AcpAgent } from './agent-kind.ts';
import {
  initializedSchema,
  newSessionSchema,
  sessionSchema,
  type ConfigOption,
  type Initialized,
} from './messages.ts';

/** The version of the Agent Client Protocol that is spoken here. */
const VERSION = 1;

/** A conversation, as the agent knows it. */
export interface Session {
  id: string;
  /** The agent's name and version, for people. */
  name: string;
  model: string | undefined;
}

/**
 * Opens a conversation, or one of before again, with the model that is asked for.
 * @throws OffloadError `agent-failed`, `not-supported`, `unknown-model`; whatever the agent answers a request with
 */
export async function openSession(
  agent: RemoteAgent,
  kind: AcpAgent,
  workspace: string,
  options: AgentOptions,
): Promise<Session> {
  // What is not offered: files and terminals of the client's. The agent has its own, in its box.
  const initialized = read(
    kind.name,
    initializedSchema,
    await agent.request('initialize', {
      protocolVersion: VERSION,
      clientInfo: { name: 'offload', title: 'Offload', version: String(VERSION) },
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    }),
  );
  if (initialized.protocolVersion !== VERSION) {
    const version = String(initialized.protocolVersion);
    throw new OffloadError(
      'not-supported',
      `${kind.name} speaks version ${version} of the Agent Client Protocol; Offload speaks version 1.`,
      { fix: 'Take a version of it that speaks that.' },
    );
  }
  const place = { cwd: workspace, mcpServers: mcpServers(options.toolServers) };
  const { id, configOptions } =
    options.resume === undefined
      ? await begin(agent, kind, place)
      : await goOn(agent, kind, initialized, { ...place, sessionId: options.resume });
  const model = await chooseModel(agent, kind, id, configOptions, options.model);
  return { id, name: nameOf(kind, initialized), model };
}

interface Place {
  cwd: string;
  mcpServers: McpServer[];
}

interface Opened {
  id: string;
  configOptions: readonly ConfigOption[];
}

async function begin(agent: RemoteAgent, kind: AcpAgent, place: Place): Promise<Opened> {
  const answer = await agent.request('session/new', place);
  const { sessionId, configOptions } = read(kind.name, newSessionSchema, answer);
  return { id: sessionId, configOptions: configOptions ?? [] };
}

/** Resuming tells nothing again; loading tells all that was said before, which is not told once more. */
async function goOn(
  agent: RemoteAgent,
  { name }: AcpAgent,
  { agentCapabilities }: Initialized,
  place: Place & { sessionId: string },
): Promise<Opened> {
  const resumes = agentCapabilities?.sessionCapabilities?.resume !== undefined;
  if (!resumes && agentCapabilities?.loadSession !== true) {
    throw new OffloadError('not-supported', `${name} cannot go on with a conversation of before.`, {
      fix: 'Start a new task; what this one did is kept.',
    });
  }
  const answer = await agent.request(resumes ? 'session/resume' : 'session/load', place);
  const { configOptions } = read(name, sessionSchema, answer ?? {});
  return { id: place.sessionId, configOptions: configOptions ?? [] };
}

/** Has the agent use a model, where one is asked for; gives the one that it uses, so far as it says. */
async function chooseModel(
  agent: RemoteAgent,
  kind: AcpAgent,
  sessionId: string,
  configOptions: readonly ConfigOption[],
  wanted: string | undefined,
): Promise<string | undefined> {
  const option = configOptions.find(({ id, category }) => category === 'model' || id === 'model');
  const current = typeof option?.currentValue === 'string' ? option.currentValue : undefined;
  if (wanted === undefined) return current;
  if (option === undefined) {
    throw new OffloadError('not-supported', `${kind.name} does not let its model be chosen.`, {
      fix: "Name no model; choose it by the agent's own arguments where it has some.",
    });
  }
  const names = (option.options ?? [])
    .flatMap((choice) => ('options' in choice ? choice.options : [choice]))
    .map(({ value }) => value);
  const value =
    names.find((each) => each === wanted) ?? names.find((each) => each === kind.modelName?.(wanted));
  if (value === undefined) {
    const known = names.slice(0, 20).join(', ');
    throw new OffloadError('unknown-model', `${kind.name} has no model ${JSON.stringify(wanted)}.`, {
      fix: known === '' ? 'Name no model.' : `Choose one of ${known}.`,
    });
  }
  if (value !== current) {
    await agent.request('session/set_config_option', { sessionId, configId: option.id, value });
  }
  return value;
}

const mcpServers = (servers: AgentOptions['toolServers']): McpServer[] =>
  Object.entries(servers).map(([name, { command, args, env }]) => ({
    name,
    command,
    args,
    env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
  }));

function nameOf({ name }: AcpAgent, { agentInfo }: Initialized): string {
  if (agentInfo === undefined) return name;
  const parts = [agentInfo.title ?? agentInfo.name, agentInfo.version];
  return parts
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, 200);
}

/** An answer of the agent's. @throws OffloadError `agent-failed` where it does not fit */
function read<T>(
  name: string,
  schema: { safeParse(data: unknown): { success: true; data: T } | { success: false; error: Error } },
  answer: unknown,
): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new OffloadError('agent-failed', `${name} does not answer as the Agent Client Protocol has it.`, {
    cause: parsed.error,
  });
}
