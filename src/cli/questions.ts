import type { Question } from '../protocol/agent-item.ts';
import type { TaskInput } from '../protocol/task.ts';
import { Lines, type LineInput } from './lines.ts';

export type Answer = Omit<Extract<TaskInput, { type: 'answer' }>, 'type'>;

/** What an agent is told where nobody is there. */
const NOBODY = 'Nobody is here to answer. Decide for yourself, and say what you have decided.';

type Line = (text: string) => void;

export interface QuestionsOptions {
  /** Gives an answer to the agent. */
  answer(answer: Answer): Promise<void>;
  /** Where the user answers; undefined where nobody is there, so that the agent goes on by itself. */
  terminal: LineInput | undefined;
}

/** Asks the user what an agent asks, one question at a time, or says that nobody is there. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #waiting: { question: Question; line: Line }[] = [];
  /** Undefined as soon as nobody is there. */
  #terminal: LineInput | undefined;
  /** Has no more lines come. */
  #unlisten: (() => void) | undefined;
  /** Ends the wait for an answer to the first question. */
  #asking: AbortController | undefined;

  constructor(options: QuestionsOptions) {
    this.#options = options;
    this.#terminal = options.terminal;
  }

  ask(question: Question, line: Line): void {
    this.#waiting.push({ question, line });
    if (this.#waiting.length === 1) this.#next();
  }

  /** A question needs no answer any more. */
  settle(id: string): void {
    const at = this.#waiting.findIndex(({ question }) => question.id === id);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    if (at > 0) return;
    this.#asking?.abort();
    this.#next();
  }

  end(): void {
    this.#waiting.length = 0;
    this.#asking?.abort();
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  #next(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    const { question, line } = first;
    const terminal = this.#terminal;
    line(`The agent asks: ${question.text}`);
    question.options.forEach(({ label, description }, i) => {
      line(`  ${String(i + 1)}  ${label}${description === undefined ? '' : `: ${description}`}`);
    });
    // There is no more to come, where the prompt was read from it.
    if (terminal?.readable !== true) {
      this.#leave();
      return;
    }
    line(`Answer with ${howTo(question)}:`);
    this.#listen(Lines.of(terminal));
  }

  /** Takes the next line for an answer to the first question. */
  #listen(lines: Lines): void {
    this.#unlisten ??= lines.listen();
    const asking = new AbortController();
    this.#asking = asking;
    lines.next(asking.signal).then(
      (text) => {
        if (asking.signal.aborted) return;
        if (text !== undefined) {
          this.#take(text, lines);
          return;
        }
        // By Ctrl+D.
        this.#terminal = undefined;
        this.#leave();
      },
      () => undefined,
    );
  }

  /** Leaves the first question to the agent. */
  #leave(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    first.line('Nobody is at a terminal: it decides for itself. Tell it more with "offload reply".');
    this.#give({ id: first.question.id, chosen: [], text: NOBODY }, first.line);
  }

  #take(text: string, lines: Lines): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    const { question, line } = first;
    const answer = parseAnswer(question, text);
    if (answer !== undefined) {
      this.#give({ id: question.id, ...answer }, line);
      return;
    }
    line(`That is none of the answers. Answer with ${howTo(question)}:`);
    this.#listen(lines);
  }

  #give(answer: Answer, line: Line): void {
    this.#options.answer(answer).catch((error: unknown) => {
      line(`The answer could not be given: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.settle(answer.id);
  }
}

const howTo = ({ options, multiple, free }: Question): string => {
  const numbers = options.length === 0 ? undefined : multiple ? 'numbers, such as 1,2' : 'a number';
  return [numbers, free || numbers === undefined ? 'words of your own' : undefined]
    .filter((way) => way !== undefined)
    .join(' or ');
};

/** What was answered: the labels by their numbers, else words; undefined for what is neither. */
function parseAnswer(
  { options, multiple, free }: Question,
  text: string,
): { chosen: string[]; text?: string } | undefined {
  const words = text.trim();
  const numbers = /^\d+(\s*[,\s]\s*\d+)*$/.test(words) ? words.split(/[,\s]+/).map(Number) : [];
  const labels = [...new Set(numbers)].map((number) => options[number - 1]?.label);
  if (labels.length > 0 && (multiple || labels.length === 1)) {
    const chosen = labels.filter((label) => label !== undefined);
    if (chosen.length === labels.length) return { chosen };
  }
  const named = options.find(({ label }) => label.toLowerCase() === words.toLowerCase());
  if (named !== undefined) return { chosen: [named.label] };
  return words !== '' && (free || options.length === 0) ? { chosen: [], text: words } : undefined;
}
