import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import type { TaskInput } from '../../../src/protocol/task.ts';
import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import type { RunLife } from '../runs/run-life.ts';
import type { AgentTurns } from './agent-turns.ts';
import { lateAnswer } from './go-on.ts';
import { taskEnded } from './task-ended.ts';

/** What a task is told, on its way to the agent: kept until there is one, or for whoever goes on with it. */
export class TaskInputs {
  readonly #life: RunLife;
  readonly #early: TaskInput[] = [];
  #turns: AgentTurns | undefined;
  #waiting: readonly string[] = [];
  #isResumed = false;
  #answers = 0;
  #agentEnded = false;

  constructor(life: RunLife) {
    this.#life = life;
  }

  /** What came before there was an agent to give it to. */
  get early(): TaskInput[] {
    return [...this.#early];
  }

  /** Messages that wait for their turns, here or where the task was left. */
  get waiting(): string[] {
    return [...this.#waiting];
  }

  /** @throws OffloadError `run-ended`, `bad-request`; see the protocol's `input` */
  take(input: TaskInput): void {
    // Whoever goes on with it takes it.
    if (this.#life.paused && this.#life.ending === undefined) this.#early.push(input);
    else if (this.#turns !== undefined) this.#give(this.#turns, input);
    else if (this.#agentEnded || this.#life.ending !== undefined) throw taskEnded();
    else if (input.type === 'interrupt') this.#life.end('cancelled');
    else this.#early.push(input);
  }

  /** The task goes on here, with what waited where it was left. */
  resume({ early, next }: Pick<CheckpointState, 'early' | 'next'>): void {
    this.#isResumed = true;
    this.#early.unshift(...early);
    this.#waiting = next;
  }

  /** There is an agent. */
  begin(turns: AgentTurns): void {
    this.#turns = turns;
    turns.addWaiting(this.#waiting);
    // One that is stopped already takes nothing: whoever goes on with the task gives it.
    if (this.#life.paused) return;
    for (const input of this.#early.splice(0)) {
      try {
        this.#give(turns, input);
      } catch (error) {
        // Whoever sent it has gone on meanwhile.
        this.#life.tell({ type: 'notice', code: 'input', message: asOffloadError(error).message });
      }
    }
  }

  /** There is none any more, or none is needed. */
  end(): void {
    this.#waiting = this.#turns?.waiting ?? this.#waiting;
    this.#turns = undefined;
    this.#agentEnded = true;
  }

  /** An answer to what was asked before the task went on here is for the agent all the same. */
  #give(turns: AgentTurns, input: TaskInput): void {
    try {
      turns.give(input);
    } catch (error) {
      const isLate = error instanceof OffloadError && error.code === 'bad-request';
      if (!isLate || !this.#isResumed || input.type !== 'answer') throw error;
      const text = lateAnswer(input.chosen, input.text);
      turns.give({ type: 'message', id: `answer-${String(this.#answers++)}`, text, when: 'now' });
    }
  }
}
