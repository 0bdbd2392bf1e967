import { Readable, Writable } from 'node:stream';
import {
  agent,
  ndJsonStream,
  RequestError,
  type AgentContext,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import type { Scenario, Step } from './scenario.ts';

// The scripted agent: agent.ts SCENARIO
const scenario = JSON.parse(process.argv[2] ?? '') as Scenario;
const told: { method: string; params: unknown }[] = [];
let turn = 0;
let cancelled = new AbortController();
/** The prompt before has been answered. */
let before: Promise<unknown> = Promise.resolve();

const { models, goesOn } = scenario;
const configOptions = () =>
  models === undefined
    ? []
    : [
        {
          id: 'the-model',
          name: 'Model',
          category: 'model' as const,
          type: 'select' as const,
          currentValue: models[0] ?? '',
          options: models.map((value) => ({ value, name: value })),
        },
      ];
const opened = (sessionId: string) => ({ sessionId, configOptions: configOptions() });
const tell = (client: AgentContext, sessionId: string, update: object) =>
  client.notify('session/update', { sessionId, update: update as SessionUpdate });
const say = (client: AgentContext, sessionId: string, text: string) =>
  tell(client, sessionId, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

async function carryOut(step: Step, client: AgentContext, sessionId: string): Promise<string | undefined> {
  if ('update' in step) await tell(client, sessionId, step.update);
  else if ('say' in step) await say(client, sessionId, step.say);
  else if ('sayTold' in step) await say(client, sessionId, JSON.stringify(told));
  else if ('permission' in step) {
    const { outcome } = await client.request<{ outcome: object }>('session/request_permission', {
      sessionId,
      ...step.permission,
    });
    await say(client, sessionId, JSON.stringify(outcome));
  } else if ('ask' in step) {
    const answer = await client.request(step.ask, { sessionId }).catch((error: unknown) => error);
    await say(client, sessionId, answer instanceof RequestError ? String(answer.code) : 'answered');
  } else if ('askModel' in step) await say(client, sessionId, await askModel(step.askModel));
  else if ('untilCancelled' in step) {
    const { signal } = cancelled;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 'cancelled';
  } else if ('stop' in step) return step.stop;
  else if ('fail' in step) throw new RequestError(step.fail.code, step.fail.message, step.fail.data);
  else process.exit(step.exit);
  return undefined;
}

/** As an agent does that knows of no relay. */
async function askModel(text: string): Promise<string> {
  const { ANTHROPIC_BASE_URL: url = '', ANTHROPIC_API_KEY: key = '' } = process.env;
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: text }],
    }),
  });
  const body = (await response.json()) as { content?: { text: string }[] };
  return body.content?.[0]?.text ?? JSON.stringify(body);
}

async function takeTurn(client: AgentContext, sessionId: string) {
  cancelled = new AbortController();
  const steps = scenario.turns[Math.min(turn++, scenario.turns.length - 1)] ?? [];
  for (const step of steps) {
    const stopReason = await carryOut(step, client, sessionId);
    if (stopReason !== undefined) return { stopReason: stopReason as 'end_turn' };
  }
  return { stopReason: 'end_turn' as const };
}

agent({ name: 'scripted' })
  .onRequest('initialize', ({ params }) => {
    told.push({ method: 'initialize', params });
    return {
      protocolVersion: scenario.version ?? 1,
      ...(scenario.info === undefined ? {} : { agentInfo: scenario.info }),
      agentCapabilities: {
        loadSession: goesOn === 'load',
        sessionCapabilities: goesOn === 'resume' ? { resume: {} } : {},
      },
    };
  })
  .onRequest('session/new', ({ params }) => {
    told.push({ method: 'session/new', params });
    if (scenario.opening === undefined) return opened('the-session');
    const { code, message, data } = scenario.opening.fail;
    throw new RequestError(code, message, data);
  })
  .onRequest('session/resume', ({ params }) => {
    told.push({ method: 'session/resume', params });
    return opened(params.sessionId);
  })
  .onRequest('session/load', async ({ params, client }) => {
    told.push({ method: 'session/load', params });
    await say(client, params.sessionId, 'what was said before');
    return opened(params.sessionId);
  })
  .onRequest('session/set_config_option', ({ params }) => {
    told.push({ method: 'session/set_config_option', params });
    return { configOptions: configOptions() };
  })
  .onRequest('session/prompt', async ({ params, client }) => {
    told.push({ method: 'session/prompt', params });
    const answer = before.then(() => takeTurn(client, params.sessionId));
    before = answer.catch(() => undefined);
    return answer;
  })
  .onNotification('session/cancel', ({ params }) => {
    told.push({ method: 'session/cancel', params });
    cancelled.abort();
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
