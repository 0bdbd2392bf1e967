import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { AnyMessage, ClientContext, PermissionOption } from '@agentclientprotocol/sdk';
import type { AgentStreams } from '../agent.ts';
import { agentLines } from '../lines.ts';
import { parseMessage, type Message } from './messages.ts';

/** Requests of the agent's whose answers it may have to read yet; then it is not read any further. */
const MANY_ANSWERS = 64;

export interface ConnectionListener {
  /** Resolves when more can be taken. */
  room(): Promise<void>;
  /** The parameters of a `session/update`, before anything that was written after it is looked at. */
  onUpdate(params: unknown): void;
  /** Likewise of a `session/request_permission`, which is answered with yes. */
  onPermission(params: unknown): void;
  /**
   * The agent has closed its output, or, with `error`, it is read no further. Every answer has been given by now; what
   * has none gets an error after this.
   */
  onEnd(error: unknown): void;
}

/** The agent's end of the Agent Client Protocol, over its process. */
export type RemoteAgent = Pick<ClientContext, 'request' | 'notify'>;

/**
 * Connects to an agent. The library does requests and their answers. What it would keep without bound, do in an order of
 * its own or write into the log is kept from it: lines that are no messages, updates, answers that nobody waits for.
 */
export async function connect(streams: AgentStreams, listener: ConnectionListener): Promise<RemoteAgent> {
  const { client } = await import('@agentclientprotocol/sdk');
  return client({ name: 'Offload' })
    .onRequest('session/request_permission', ({ params: { options } }) => ({ outcome: allowed(options) }))
    .connect(messages(streams, listener)).agent;
}

/** The box is the permission: whatever the agent may do there it may do. */
function allowed(options: readonly PermissionOption[]) {
  const yes = ['allow_always', 'allow_once'].map((kind) => options.find((option) => option.kind === kind));
  const option = yes.find((each) => each !== undefined);
  if (option === undefined) return { outcome: 'cancelled' as const };
  return { outcome: 'selected' as const, optionId: option.optionId };
}

function messages({ stdin, stdout }: AgentStreams, listener: ConnectionListener) {
  const lines = agentLines(stdout);
  /** Ids of requests of ours that have no answer yet. */
  const asked = new Set<unknown>();
  let unanswered = 0;
  let wake: () => void = () => undefined;

  /** Whether the library has to do with a message. */
  const passes = ({ id, method, params }: Message): boolean => {
    if (id === undefined) {
      if (method === 'session/update') listener.onUpdate(params);
      return false;
    }
    if (method === undefined) return asked.delete(id);
    if (method === 'session/request_permission') listener.onPermission(params);
    unanswered++;
    return true;
  };
  const next = async (): Promise<AnyMessage | undefined> => {
    for (;;) {
      await listener.room();
      while (unanswered >= MANY_ANSWERS) await new Promise<void>((resolve) => (wake = resolve));
      const line = await lines.next();
      if (line.done === true) return undefined;
      const message = parseMessage(line.value);
      if (message !== undefined && passes(message)) return message as AnyMessage;
    }
  };

  const readable = new ReadableStream<AnyMessage>(
    {
      pull: async (controller) => {
        let failure: unknown;
        const message = await next().catch((error: unknown) => {
          failure = error;
        });
        if (message !== undefined) {
          controller.enqueue(message);
          return;
        }
        // Whoever waits for the last answer hears of it first.
        await turnOfTheLoop();
        listener.onEnd(failure);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<AnyMessage>({
    write: async (message) => {
      const isRequest = 'method' in message;
      if (isRequest && 'id' in message) asked.add(message.id);
      // An agent that has gone reads nothing; its end is told by its output.
      await new Promise<void>((resolve) => stdin.write(`${JSON.stringify(message)}\n`, () => resolve()));
      if (isRequest) return;
      unanswered--;
      wake();
    },
  });
  return { readable, writable };
}
