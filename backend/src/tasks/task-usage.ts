import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { Budget } from '../../../src/protocol/task.ts';
import type { ModelUsage, Usage } from '../../../src/protocol/usage.ts';
import { TurnCount } from '../agents/turn-count.ts';
import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import { Ledger } from '../relay/ledger.ts';
import type { RunLife } from '../runs/run-life.ts';
import { usageTogether } from './limits-left.ts';

type Entries = CheckpointState['ledger'];

/** What a task takes: answers of its agent, of its budget for models, and of the machine; here and before. */
export class TaskUsage {
  readonly #life: RunLife;
  readonly #budget: Budget;
  readonly #count = new TurnCount();
  #ledger: Ledger;
  #model: ModelUsage | undefined;
  #before: Usage | undefined;

  constructor(life: RunLife, budget: Budget) {
    this.#life = life;
    this.#budget = budget;
    this.#ledger = this.#newLedger();
  }

  /** Answers of the agent. */
  get turns(): number {
    return this.#count.turns;
  }

  /** What is left of the budget. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** What its models took, with the agent's answers. */
  get model(): ModelUsage | undefined {
    return this.#model;
  }

  /** The task goes on here. */
  resume({ turns, usage, ledger }: Pick<CheckpointState, 'turns' | 'usage' | 'ledger'>): void {
    this.#count.turns = turns;
    this.#ledger = this.#newLedger(ledger);
    this.#before = usage;
    this.#life.usage = usage;
  }

  /** Something that the agent told. */
  count(item: AgentItem, parent: string | undefined): void {
    this.#count.add(item, parent);
  }

  /** What the agent's processes took. */
  takeMachine(usage: Omit<Usage, 'outputBytes'>): void {
    this.#life.usage = usageTogether(this.#before, { ...usage, outputBytes: 0 });
  }

  takeModel(usage: ModelUsage | undefined): void {
    if (usage === undefined) return;
    this.#model = { ...usage, turns: this.#count.turns };
    this.#life.usage = { ...this.#life.usage, model: this.#model };
  }

  #newLedger(entries?: Entries): Ledger {
    const notice = (message: string): void => {
      this.#life.tell({ type: 'notice', code: 'budget', message });
    };
    // What was kept for calls that were cut is given back: control's own account has what they took.
    const before = entries === undefined ? undefined : { ...entries, kept: { nano: 0, tokens: 0 } };
    return new Ledger(this.#budget, notice, before);
  }
}
