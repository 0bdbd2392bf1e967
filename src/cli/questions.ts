import { createInterface, type Interface } from 'node:readline';
import type { Question } from '../protocol/agent-item.ts';
import type { TaskInput } from '../protocol/task.ts';

export type Answer = Omit<Extract<TaskInput, { type: 'answer' }>, 'type'>;

/** What an agent is told where nobody is there. */
const NOBODY = 'Nobody is here to answer. Decide for yourself, and say what you have decided.';

type Line = (text: string) => void;

export interface QuestionsOptions {
  /** Gives an answer to the agent. */
  answer(answer: Answer): Promise<void>;
  /** Where the user answers; undefined where nobody is there, so that the agent goes on by itself. */
  terminal: NodeJS.ReadableStream | undefined;
}

/** Asks the user what an agent asks, one question at a time, or says that nobody is there. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #waiting: { question: Question; line: Line }[] = [];
  /** Undefined as soon as nobody is there. */
  #terminal: NodeJS.ReadableStream | undefined;
  #lines: Interface | undefined;

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
    if (at === 0) this.#next();
  }

  end(): void {
    this.#waiting.length = 0;
    this.#lines?.close();
    this.#lines = undefined;
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
    this.#lines ??= createInterface({ input: terminal, terminal: false })
      .on('line', (text) => {
        this.#take(text);
      })
      // By Ctrl+D.
      .on('close', () => {
        this.#terminal = undefined;
        this.#leave();
      });
  }

  /** Leaves the first question to the agent. */
  #leave(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    first.line('Nobody is at a terminal: it decides for itself. Tell it more with "offload reply".');
    this.#give({ id: first.question.id, chosen: [], text: NOBODY }, first.line);
  }

  #take(text: string): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    const { question, line } = first;
    const answer = parseAnswer(question, text);
    if (answer === undefined) line(`That is none of the answers. Answer with ${howTo(question)}:`);
    else this.#give({ id: question.id, ...answer }, line);
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
