/** What a step of a deploy has come to. */
export interface StepEvent {
  type: 'step';
  id: string;
  title: string;
  /** The step that it is a part of. */
  parent?: string;
  state: 'waiting' | 'running' | 'done' | 'skipped' | 'failed';
  /** From 0 to 1, where it is known. */
  progress?: number;
  /** One line about it: what it found, what it waits for, why it was skipped. */
  detail?: string;
  /** Lines of a log that came since the last event. Text from outside. */
  log?: string[];
  /** Seconds that it took so far. */
  seconds: number;
}

/** What the body of a step tells. */
export interface Step {
  detail(text: string): void;
  progress(fraction: number): void;
  log(lines: string[]): void;
  /** Ends the step as skipped, once its body returns. */
  skip(why: string): void;
  /** A part of this step. */
  part<T>(id: string, title: string, body: (step: Step) => Promise<T>): Promise<T>;
}

/** The steps of one piece of work, told to one listener in the order in which they happen. */
export class Steps {
  readonly #tell: (event: StepEvent) => void;

  constructor(tell: (event: StepEvent) => void) {
    this.#tell = tell;
  }

  /** Says beforehand which steps there will be. */
  announce(steps: readonly (readonly [id: string, title: string])[]): void {
    for (const [id, title] of steps) this.#tell({ type: 'step', id, title, state: 'waiting', seconds: 0 });
  }

  /** Carries a step out. What its body throws is told and thrown on. */
  async run<T>(id: string, title: string, body: (step: Step) => Promise<T>, parent?: string): Promise<T> {
    const begun = performance.now();
    const known: Pick<StepEvent, 'progress' | 'detail'> = {};
    const outcome = { skipped: false };
    const say = (state: StepEvent['state'], log?: string[]): void => {
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      this.#tell({
        type: 'step',
        id,
        title,
        state,
        seconds,
        ...known,
        ...(parent === undefined ? {} : { parent }),
        ...(log === undefined ? {} : { log }),
      });
    };
    const step: Step = {
      detail: (text) => {
        known.detail = text;
        say('running');
      },
      progress: (fraction) => {
        known.progress = Math.min(1, Math.max(0, fraction));
        say('running');
      },
      log: (lines) => {
        if (lines.length > 0) say('running', lines);
      },
      skip: (why) => {
        outcome.skipped = true;
        known.detail = why;
      },
      part: (part, name, inner) => this.run(`${id}/${part}`, name, inner, id),
    };
    say('running');
    try {
      const result = await body(step);
      say(outcome.skipped ? 'skipped' : 'done');
      return result;
    } catch (error) {
      known.detail = error instanceof Error ? error.message : String(error);
      say('failed');
      throw error;
    }
  }
}
