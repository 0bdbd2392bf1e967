import { asOffloadError } from '../../../../src/protocol/error.ts';
import type { AgentReport, AgentStreams, Conversation } from '../agent.ts';
import { agentLines } from '../lines.ts';
import { parseMessage, type ControlRequest, type Message } from './messages.ts';
import { ASKING_TOOL, Questions, type Answer } from './questions.ts';
import { Reader } from './reader.ts';
import { turnEnd } from './turn-end.ts';

/**
 * Speaks Claude Code's two-way stream of JSON: user messages and answers in, messages and requests for permission out. A
 * message that is sent in mid-turn is taken at the agent's next step, or begins a turn of its own after this one.
 */
export class ClaudeConversation implements Conversation {
  readonly reports: AsyncIterable<AgentReport>;
  readonly #streams: AgentStreams;
  readonly #reader: Reader;
  readonly #questions = new Questions();
  /** What has to be told besides what the agent writes. */
  #told: AgentReport[] = [];
  #working = false;
  #interrupted = false;
  #requests = 0;

  constructor(streams: AgentStreams, workspace: string, prompt: string) {
    this.#streams = streams;
    this.#reader = new Reader(workspace);
    this.reports = this.#read();
    this.send(prompt);
  }

  send(text: string): void {
    this.#working = true;
    const message = { role: 'user', content: text };
    this.#write({ type: 'user', message, parent_tool_use_id: null, session_id: '' });
  }

  answer(id: string, answer: Answer): boolean {
    const taken = this.#questions.answer(id, answer);
    if (taken === undefined) return false;
    this.#told.push({ type: 'item', item: { kind: 'answer', id, text: taken.said } });
    if (taken.allowed !== undefined) this.#allow(taken.allowed.requestId, taken.allowed.input);
    return true;
  }

  interrupt(): void {
    if (!this.#working || this.#interrupted) return;
    this.#interrupted = true;
    const id = `interrupt-${String(this.#requests++)}`;
    this.#write({ type: 'control_request', request_id: id, request: { subtype: 'interrupt' } });
  }

  end(): void {
    this.#streams.stdin.end();
  }

  async *#read(): AsyncGenerator<AgentReport, void, undefined> {
    try {
      for await (const line of agentLines(this.#streams.stdout)) {
        const message = parseMessage(line);
        yield* this.#told.splice(0);
        if (message !== undefined) yield* this.#take(message);
      }
    } catch (error) {
      yield { type: 'turn', end: { outcome: 'failed', error: asOffloadError(error) } };
    }
  }

  *#take(message: Message): Generator<AgentReport, void, undefined> {
    if (message.type === 'control_request') yield* this.#asked(message);
    else if (message.type === 'result') {
      for (const { tool_use_id: id, tool_name: name } of message.permission_denials ?? []) {
        const text = `${name} was not permitted.`;
        if (id !== undefined)
          yield { type: 'item', item: { kind: 'tool-result', id, outcome: 'refused', text } };
      }
      for (const id of this.#questions.close()) yield { type: 'item', item: { kind: 'answer', id } };
      const interrupted = this.#interrupted;
      [this.#working, this.#interrupted] = [false, false];
      yield { type: 'turn', end: turnEnd(message, interrupted) };
    } else {
      if (message.type !== 'system') this.#working = true;
      yield* this.#reader.read(message);
    }
  }

  /** The box is the permission: whatever the agent may do there it may do. Its questions are the user's to answer. */
  *#asked(message: ControlRequest): Generator<AgentReport, void, undefined> {
    const { request_id: id, request } = message;
    if (request.subtype !== 'can_use_tool') {
      const error = `Offload does not answer requests of the kind ${request.subtype}.`;
      this.#write({ type: 'control_response', response: { subtype: 'error', request_id: id, error } });
      return;
    }
    const questions = request.tool_name === ASKING_TOOL ? this.#questions.ask(message) : undefined;
    if (questions === undefined) this.#allow(id, request.input ?? {});
    else for (const item of questions) yield { type: 'item', item };
  }

  #allow(requestId: string, input: unknown): void {
    const response = { behavior: 'allow', updatedInput: input };
    this.#write({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    });
  }

  #write(message: object): void {
    if (this.#streams.stdin.writable) this.#streams.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
