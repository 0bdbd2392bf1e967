import type { StepEvent } from '../../core/deploy/steps.ts';

/** Lines of a log that are kept of each step. */
const TAIL = 8;

/** A step as it stands. */
export interface ShownStep {
  event: StepEvent;
  /** The steps that are parts of it, by their ids. */
  parts: string[];
  /** The last lines of its log. Text from outside. */
  tail: string[];
  /** Whether it went on when the work was stopped. */
  stopped: boolean;
}

/** Steps by their ids, as events tell of them. */
export class StepList {
  readonly #steps = new Map<string, ShownStep>();

  /** Takes what is told. */
  take(event: StepEvent): void {
    const { id, parent, log } = event;
    let step = this.#steps.get(id);
    if (step === undefined) {
      step = { event, parts: [], tail: [], stopped: false };
      this.#steps.set(id, step);
      if (parent !== undefined) this.#steps.get(parent)?.parts.push(id);
    }
    step.event = event;
    if (log !== undefined)
      step.tail = [...step.tail, ...log.flatMap((lines) => lines.split(/\r?\n/))].slice(-TAIL);
  }

  get(id: string): ShownStep | undefined {
    return this.#steps.get(id);
  }

  /** Those that are no part of another, in the order in which they were told. */
  get top(): ShownStep[] {
    return [...this.#steps.values()].filter(
      ({ event: { parent } }) => parent === undefined || !this.#steps.has(parent),
    );
  }

  /** How much is behind us, from 0 to 1: each step counts the same, as far as it has come. */
  get progress(): number {
    const { top } = this;
    const done = top.reduce((sum, { event: { state, progress = 0 } }) => {
      if (state === 'done' || state === 'skipped') return sum + 1;
      return state === 'running' ? sum + progress : sum;
    }, 0);
    return top.length === 0 ? 0 : done / top.length;
  }

  /** The step that goes on, with what it says; undefined where none does. */
  get current(): string | undefined {
    const running = this.top.find(({ event }) => event.state === 'running');
    if (running === undefined) return undefined;
    const part = running.parts
      .map((id) => this.#steps.get(id))
      .findLast((each) => each?.event.state === 'running');
    const { title, detail } = (part ?? running).event;
    return detail === undefined ? title : `${title}: ${detail}`;
  }

  /** Marks what went on when the work was stopped. */
  stop(): void {
    for (const step of this.#steps.values()) {
      step.stopped = step.event.state === 'running';
    }
  }
}
