import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { AgentOptions } from '../agents/agent.ts';
import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import type { Relay } from '../relay/relay.ts';
import { startRelay } from '../relay/start-relay.ts';
import { limitWords } from '../runs/limits-within.ts';
import type { Session } from '../sessions/session.ts';
import { accessOf } from './access.ts';
import { AgentItems } from './agent-items.ts';
import { startAgent } from './agent-process.ts';
import type { TurnsEnd } from './agent-turns.ts';
import { goOnMessage } from './go-on.ts';
import { taskLimits } from './limits-left.ts';
import type { TaskParts } from './task-parts.ts';
import type { ProgramPlace } from './task-program.ts';

/** The relay's socket in its folder: unix sockets have short paths. */
const SOCKET = 's';

let relays = 0;

/** What an agent's work is done for, and with. */
export interface AgentTask extends TaskParts {
  session: Session;
  place: ProgramPlace;
  /** Bytes that it may tell. */
  outputBytes: number;
  /** How an earlier function has left the task. */
  left: CheckpointState | undefined;
}

/** The part of a task that its agent does, with the model behind a relay. */
export class AgentWork {
  readonly #task: AgentTask;
  readonly #items: AgentItems;
  #refusal: OffloadError | undefined;

  constructor(task: AgentTask) {
    this.#task = task;
    this.#items = new AgentItems(task.life, task.place.redactor, task.outputBytes);
  }

  /**
   * Has the agent take its turns; resolves when no process of it is left.
   * @returns whether it has done its work; one that was broken off has not
   * @throws OffloadError for an end that is no success
   */
  async carryOut(): Promise<boolean> {
    const end = await this.#takeTurns();
    this.#judge(end);
    return end.outcome === 'done';
  }

  async #takeTurns(): Promise<TurnsEnd> {
    const { services, life, inputs, usage } = this.#task;
    const model = join(services.models, String(relays++));
    mkdirSync(model, { mode: 0o711 });
    let relay: Relay | undefined;
    try {
      relay = await this.#startRelay(join(model, SOCKET));
      life.journal.append({ type: 'phase', phase: 'running' });
      const agent = await this.#startAgent(model);
      inputs.begin(agent.turns);
      const ended = await agent.ended;
      usage.takeMachine(ended.usage);
      return ended.end;
    } finally {
      inputs.end();
      await relay?.close();
      rmSync(model, { recursive: true, force: true });
      this.#items.end();
      await life.drained();
      usage.takeModel(relay?.usage);
    }
  }

  #startRelay(socket: string): Promise<Relay> {
    const { request, services, usage } = this.#task;
    return startRelay({
      access: accessOf(request, services),
      budget: request.budget,
      ledger: usage.ledger,
      socket,
      network: request.network,
      carry: services.carry,
      onUsage: (taken) => {
        usage.takeModel(taken);
        this.#items.add({ kind: 'usage', usage: usage.model ?? taken });
      },
      onRefusal: (error) => {
        this.#refusal ??= error;
      },
      onRetry: (retry) => {
        this.#items.add({ kind: 'retry', ...retry });
      },
    });
  }

  #startAgent(model: string) {
    const { adapter, services, life, session, place, usage } = this.#task;
    const { isolation } = services;
    return startAgent(
      { ...place, adapter, options: this.#options(), isolation, model, socketName: SOCKET },
      {
        onItem: (item, parent) => {
          usage.count(item, parent);
          this.#items.add(item, parent);
        },
        onNotice: (said) => {
          life.tell({ type: 'notice', code: 'agent', message: place.redactor.redact(said) });
        },
        onConversation: (id) => {
          if (session.record.conversation !== id) session.update({ conversation: id });
        },
      },
      life.signal,
      (error) => {
        life.end(
          error.code === 'timeout' ? this.#outOfTime() : limitWords(error, place.limits, services.most),
        );
      },
    );
  }

  #options(): AgentOptions {
    const { request, services, session, left } = this.#task;
    const { prompt, model, instructions, budget, toolServers = {}, agent } = request;
    const { programs, move } = services;
    return {
      prompt: left?.conversation === undefined ? prompt : goOnMessage(move?.functionSeconds ?? 0),
      model,
      instructions,
      maxTurns: budget.turns === undefined ? undefined : Math.max(1, budget.turns - (left?.turns ?? 0)),
      toolServers,
      resume: session.record.conversation,
      program: agent.program ?? programs?.[agent.id],
      programInBox: agent.program === undefined && services.programsInBox === true,
      args: agent.args ?? [],
    };
  }

  /** @throws OffloadError for an end that is no success */
  #judge(end: TurnsEnd): void {
    const { life } = this.#task;
    if (life.ending !== undefined) return;
    if (end.outcome === 'turn-limit') {
      throw new OffloadError('budget-reached', 'The agent has had as many turns as the task may have.', {
        fix: 'What it did is kept: allow more turns, and reply to the task to go on.',
      });
    }
    if (end.outcome !== 'failed') return;
    // One that was stopped may take that for a failure of its own.
    if (life.paused && this.#refusal === undefined) return;
    // The relay knows why, where the model did not answer.
    throw this.#refusal ?? this.#redacted(end.error);
  }

  /** What an agent has said at last may be anything. */
  #redacted({ code, message, fix, cause }: OffloadError): OffloadError {
    return new OffloadError(code, this.#task.place.redactor.redact(message), { fix, cause });
  }

  #outOfTime(): OffloadError {
    const { request, services } = this.#task;
    const seconds = taskLimits(request, services).wallSeconds;
    return new OffloadError('timeout', `The task ran longer than ${String(seconds)} s and was ended.`, {
      fix: 'Raise the time limit.',
    });
  }
}
