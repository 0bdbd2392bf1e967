import { createHash } from 'node:crypto';
import { status, type Failure } from './failure.ts';
import { lastPrompt, systemText, type MessagesBody } from './request.ts';
import { asTurn, say, type Step, type Turn } from './turn.ts';

/** Answers to one prompt, or a function that makes the answer to a request. */
export type Turns = readonly Step[] | ((body: MessagesBody) => Step);

export interface Script {
  /**
   * The answers to a prompt, in order: the first to the prompt itself, each further one to the results of the tools that
   * the one before it used. A further message of the user's begins at the first again, unless `replies` has it.
   */
  turns?: Turns;
  /** Answers to prompts of their own: a sub-agent's, or a message sent later. The first that fits is taken. */
  replies?: readonly { to: string | RegExp | ((body: MessagesBody) => boolean); turns: Turns }[];
  /** What requests for a title of the conversation are answered with. */
  title?: string;
}

export interface Answer {
  turn: Turn;
  failure: Failure | undefined;
}

/** Chooses what a request is answered with; it counts the requests for each turn that fails at first. */
export class ScriptReader {
  readonly #script: Script;
  readonly #attempts = new Map<string, number>();
  /** What was asked for and is not in the script. */
  readonly unexpected: string[] = [];

  constructor(script: Script) {
    this.#script = script;
  }

  answer(body: MessagesBody): Answer {
    if (asksForTitle(body)) return { turn: say(this.#script.title ?? 'A title'), failure: undefined };
    const step = this.#step(body);
    if ('fail' in step) return { turn: say(''), failure: step };
    const turn = asTurn(step);
    return { turn, failure: turn.failures?.[this.#attempt(body, turn.failures.length)] };
  }

  #step(body: MessagesBody): Step {
    const { prompt, answers } = lastPrompt(body);
    const reply = this.#script.replies?.find(({ to }) =>
      typeof to === 'function' ? to(body) : typeof to === 'string' ? prompt.includes(to) : to.test(prompt),
    );
    const turns = reply?.turns ?? this.#script.turns ?? [];
    const step = typeof turns === 'function' ? turns(body) : turns[answers];
    if (step !== undefined) return step;
    const missing = `the script has no answer ${String(answers + 1)} to "${prompt.slice(0, 200)}"`;
    this.unexpected.push(missing);
    return status(400, missing);
  }

  /** How often this very request came before; not counted further than `most`. */
  #attempt(body: MessagesBody, most: number): number {
    const key = createHash('sha256').update(JSON.stringify(body.messages)).digest('hex');
    const attempt = this.#attempts.get(key) ?? 0;
    this.#attempts.set(key, Math.min(attempt + 1, most));
    return attempt;
  }
}

/** Agents name a conversation by a small request of its own, which has no tools. */
function asksForTitle(body: MessagesBody): boolean {
  return (body.tools ?? []).length === 0 && /\btitle\b/i.test(systemText(body));
}
