import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { TaskInput } from '../../../src/protocol/task.ts';
import type { Conversation, TurnEnd } from '../agents/agent.ts';
import { taskEnded } from './task-ended.ts';

/** Milliseconds in which an agent begins a turn of its own, when a message came too late for the one that has ended. */
const LATE_MESSAGE = 500;

export interface TurnsListener {
  onItem(item: AgentItem, parent: string | undefined): void;
  /** The agent's own name of the conversation. */
  onConversation(id: string): void;
  /** Something that the user should know and that ends nothing. */
  onNotice(message: string): void;
}

/** How a conversation ended: as its last turn, or without the end of one. */
export type TurnsEnd = TurnEnd | { outcome: 'broken-off' };

/**
 * Leads an agent through the turns of a task: the prompt's, and one for each message that waits. What the user sends
 * meanwhile is taken until the last turn has ended.
 */
export class AgentTurns {
  readonly #conversation: Conversation;
  readonly #listener: TurnsListener;
  readonly #taken = new Set<string>();
  readonly #next: string[] = [];
  /** Messages that were given into the turn that goes on. */
  #steered = 0;
  #ending = false;
  #stopped = false;
  #tellOver: () => void = () => undefined;
  /** Resolves when the agent has been told that nothing more comes, or has ended. */
  readonly over: Promise<void>;

  constructor(conversation: Conversation, listener: TurnsListener) {
    this.#conversation = conversation;
    this.#listener = listener;
    this.over = new Promise((resolve) => (this.#tellOver = resolve));
  }

  /** Ends the turn that goes on, and begins no other. */
  stop(): void {
    this.#stopped = true;
    this.#conversation.interrupt();
  }

  /** Messages for turns that have not begun: they were told already. */
  get waiting(): readonly string[] {
    return this.#next;
  }

  /** Has turns follow for messages that were told elsewhere. */
  addWaiting(texts: readonly string[]): void {
    this.#next.push(...texts);
  }

  /** Resolves when the agent's output has ended. */
  async live(): Promise<TurnsEnd> {
    const reports = this.#conversation.reports[Symbol.asyncIterator]();
    let end: TurnsEnd = { outcome: 'broken-off' };
    let next = reports.next();
    for (;;) {
      const report = await next;
      if (report.done === true) break;
      next = reports.next();
      const { value } = report;
      if (value.type === 'item') {
        if (end.outcome !== 'broken-off' && value.item.kind !== 'answer') end = { outcome: 'broken-off' };
        this.#listener.onItem(value.item, value.parent);
      } else if (value.type === 'conversation') this.#listener.onConversation(value.id);
      else if (value.type === 'notice') this.#listener.onNotice(value.message);
      else {
        end = value.end;
        if (!(await this.#goesOn(end, next))) this.#end();
      }
    }
    this.#ending = true;
    this.#tellOver();
    return end;
  }

  /** @throws OffloadError `run-ended` when nothing is taken any more, `bad-request` for an answer that nothing waits for */
  give(input: TaskInput): void {
    if (input.type === 'interrupt') {
      if (!this.#ending) this.#conversation.interrupt();
      return;
    }
    if (this.#ending || this.#stopped) throw taskEnded();
    if (input.type === 'answer') {
      const { chosen, text } = input;
      if (this.#conversation.answer(input.id, { chosen, text })) return;
      throw new OffloadError('bad-request', 'The agent waits for no such answer.');
    }
    if (this.#taken.has(input.id)) return;
    this.#taken.add(input.id);
    const { id, text, when } = input;
    this.#listener.onItem({ kind: 'message', id, text, when }, undefined);
    if (when === 'next') this.#next.push(text);
    else {
      this.#steered++;
      this.#conversation.send(text);
    }
  }

  /** Whether another turn follows the one that has ended. */
  async #goesOn(end: TurnEnd, next: Promise<unknown>): Promise<boolean> {
    const steered = this.#steered > 0;
    this.#steered = 0;
    if (this.#stopped) return false;
    if (end.outcome === 'failed' || end.outcome === 'turn-limit') return false;
    const text = this.#next.shift();
    if (text !== undefined) {
      this.#conversation.send(text);
      return true;
    }
    if (!steered) return false;
    // The agent may have taken the message in the turn, or begin one for it now.
    return await Promise.race([next.then(() => true), delay(LATE_MESSAGE, false)]);
  }

  #end(): void {
    this.#ending = true;
    this.#conversation.end();
    this.#tellOver();
  }
}
