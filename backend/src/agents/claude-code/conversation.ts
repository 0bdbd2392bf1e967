import { asOffloadError, OffloadError } from '../../../../src/protocol/error.ts';
import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import type { AgentReport, AgentStreams, Conversation, TurnEnd } from '../agent.ts';
import { agentLines } from '../lines.ts';
import { ReportQueue } from '../report-queue.ts';
import { parseLine, type ControlRequest, type Message, type Result } from './messages.ts';
import { MissingServers } from './missing-servers.ts';
import { ASKING_TOOL, Questions, type Answer } from './questions.ts';
import { Reader } from './reader.ts';
import { SentMessages } from './sent-messages.ts';
import { refusedAll, turnEnd } from './turn-end.ts';

/** Characters that are kept of what is no JSON, for the error's sake. */
const MAX_STRAY = 2000;

/** Bytes that the agent may have to read yet; then it is not read any further. */
const MANY_UNREAD = 4 * 1024 * 1024;

/**
 * Speaks Claude Code's two-way stream of JSON: user messages and answers in, messages and requests for permission out. A
 * message that is sent in mid-turn is taken with the next result of a tool, else it begins a turn of its own: then the end
 * of the turn before it is not told, since nothing waits there.
 */
export class ClaudeConversation implements Conversation {
  readonly #reports = new ReportQueue();
  readonly reports: AsyncIterable<AgentReport> = this.#reports;
  readonly #streams: AgentStreams;
  readonly #reader: Reader;
  readonly #questions = new Questions();
  readonly #sent = new SentMessages();
  /** Whether a turn goes on. */
  #working = false;
  #interrupting = false;
  #interrupts = 0;
  #session = '';
  readonly #missing = new MissingServers();
  /** What came that is no JSON, its end. */
  #stray = '';

  constructor(streams: AgentStreams, workspace: string, prompt: string) {
    this.#streams = streams;
    this.#reader = new Reader(workspace);
    void this.#read();
    this.send(prompt);
  }

  send(text: string): void {
    this.#working = true;
    const message = { role: 'user', content: text };
    this.#write({ type: 'user', uuid: this.#sent.add(), message, parent_tool_use_id: null, session_id: '' });
  }

  answer(id: string, answer: Answer): boolean {
    const taken = this.#questions.answer(id, answer);
    if (taken === undefined) return false;
    this.#tell({ kind: 'answer', id, text: taken.said });
    if (taken.allowed !== undefined) this.#allow(taken.allowed.requestId, taken.allowed.input);
    return true;
  }

  interrupt(): void {
    if (!this.#working || this.#interrupting) return;
    this.#interrupting = true;
    const id = `interrupt-${String(++this.#interrupts)}`;
    this.#write({ type: 'control_request', request_id: id, request: { subtype: 'interrupt' } });
  }

  end(): void {
    this.#streams.stdin.end();
  }

  async #read(): Promise<void> {
    try {
      for await (const line of agentLines(this.#streams.stdout)) {
        const message = parseLine(line);
        if (message === 'no-json')
          this.#stray = `${this.#stray}\n${line.slice(-MAX_STRAY)}`.slice(-MAX_STRAY);
        else if (message !== 'unread') this.#take(message);
        await this.#reports.room();
        await this.#heard();
      }
      if (this.#working && this.#stray.trim() !== '') this.#endTurn(spokeNoJson(this.#stray));
    } catch (error) {
      this.#endTurn({ outcome: 'failed', error: asOffloadError(error) });
    }
    this.#reports.close();
  }

  /** Resolves when the agent has read what it was answered, but for a little: one that asks without end is held up. */
  async #heard(): Promise<void> {
    const { stdin } = this.#streams;
    while (stdin.writable && stdin.writableLength > MANY_UNREAD) {
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          stdin.off('drain', goOn).off('close', goOn);
          resolve();
        };
        stdin.on('drain', goOn).on('close', goOn);
      });
    }
  }

  #take(message: Message): void {
    switch (message.type) {
      case 'system':
        this.#begun(message);
        return;
      case 'command_lifecycle':
        if (message.state !== 'queued') this.#sent.taken(message.command_uuid);
        return;
      case 'control_request':
        this.#asked(message);
        return;
      case 'control_cancel_request':
        this.#forget(this.#questions.close(message.request_id));
        return;
      case 'result':
        this.#ended(message);
        return;
      case 'user':
        if (message.isReplay === true && message.uuid !== undefined) this.#sent.taken(message.uuid);
        break;
      case 'assistant':
      case 'stream_event':
        this.#working = true;
    }
    this.#report(this.#reader.read(message, this.#interrupting));
  }

  /** It says who it is at the beginning of each turn. */
  #begun({
    session_id: id,
    model,
    claude_code_version: version,
    mcp_servers: servers,
  }: Extract<Message, { type: 'system' }>): void {
    for (const message of this.#missing.notices(servers)) this.#reports.push({ type: 'notice', message });
    const agent = version === undefined ? 'Claude Code' : `Claude Code ${version}`;
    const session = JSON.stringify([id, agent, model]);
    if (session === this.#session) return;
    this.#session = session;
    this.#reports.push({ type: 'conversation', id });
    this.#tell({ kind: 'session', agent, ...(model === undefined ? {} : { model }) });
  }

  #ended(result: Result): void {
    const { reports, refused } = this.#reader.endTurn(result);
    this.#report(reports);
    this.#forget(this.#questions.close());
    const end = turnEnd(result, this.#interrupting);
    const isGood = end.outcome === 'done' || end.outcome === 'interrupted';
    if (isGood && this.#sent.waitsAfterTurn()) this.#interrupting = false;
    else this.#endTurn(end.outcome === 'done' && refused.length > 0 ? refusedAll(refused) : end);
  }

  #endTurn(end: TurnEnd): void {
    this.#working = false;
    this.#interrupting = false;
    this.#reports.push({ type: 'turn', end });
  }

  /** The box is the permission: whatever the agent may do there it may do. Its questions are the user's to answer. */
  #asked(message: ControlRequest): void {
    const { request_id: id, request } = message;
    if (request.subtype !== 'can_use_tool') {
      const error = `Offload does not answer requests of the kind ${request.subtype}.`;
      this.#write({ type: 'control_response', response: { subtype: 'error', request_id: id, error } });
      return;
    }
    const questions = request.tool_name === ASKING_TOOL ? this.#questions.ask(message) : undefined;
    if (questions === undefined) this.#allow(id, request.input ?? {});
    else for (const item of questions) this.#tell(item);
  }

  #allow(requestId: string, input: unknown): void {
    const response = { behavior: 'allow', updatedInput: input };
    this.#write({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    });
  }

  /** Questions that need no answer any more. */
  #forget(ids: readonly string[]): void {
    for (const id of ids) this.#tell({ kind: 'answer', id });
  }

  #report(reports: readonly AgentReport[]): void {
    for (const each of reports) this.#reports.push(each);
  }

  #tell(item: AgentItem): void {
    this.#reports.push({ type: 'item', item });
  }

  #write(message: object): void {
    if (this.#streams.stdin.writable) this.#streams.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

const spokeNoJson = (stray: string): TurnEnd => ({
  outcome: 'failed',
  error: new OffloadError('agent-failed', `Claude Code ended without a result. It wrote: ${stray.trim()}`, {
    fix: 'See that the program is Claude Code, and a version that is not too old.',
  }),
});
