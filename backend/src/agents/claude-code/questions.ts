import * as z from 'zod/mini';
import type { Question } from '../../../../src/protocol/agent-item.ts';
import type { ControlRequest } from './messages.ts';

/** The tool by which Claude Code asks its user. */
export const ASKING_TOOL = 'AskUserQuestion';

/** What the agent reads where its user says nothing. */
const NO_ANSWER = '(no answer)';

const inputSchema = z.looseObject({
  questions: z.array(
    z.looseObject({
      question: z.string(),
      header: z.optional(z.string()),
      multiSelect: z.optional(z.boolean()),
      options: z.array(z.looseObject({ label: z.string(), description: z.optional(z.string()) })),
    }),
  ),
});

export interface Answer {
  chosen: readonly string[];
  text: string | undefined;
}

/** What is allowed, with the answers in it. */
export interface Allowed {
  requestId: string;
  input: object;
}

interface Asked {
  requestId: string;
  input: z.infer<typeof inputSchema>;
  questions: readonly Question[];
  answers: Map<string, string>;
}

/** The questions that are open. One request asks several, and goes on when each has its answer. */
export class Questions {
  readonly #asked = new Map<string, Asked>();

  /** The questions of a request; undefined where it asks none that can be read. */
  ask({ request_id: requestId, request }: ControlRequest): readonly Question[] | undefined {
    const input = inputSchema.safeParse(request.input).data;
    if (input === undefined || input.questions.length === 0) return undefined;
    const questions = input.questions.map(
      ({ question, header, options, multiSelect = false }, index): Question => ({
        kind: 'question',
        id: `${requestId}/${String(index)}`,
        text: question,
        ...(header === undefined ? {} : { header }),
        options: options.map(({ label, description }) => ({
          label,
          ...(description === undefined ? {} : { description }),
        })),
        multiple: multiSelect,
        free: true,
      }),
    );
    this.#asked.set(requestId, { requestId, input, questions, answers: new Map() });
    return questions;
  }

  /**
   * Takes an answer; `allowed` when it was the last one that was missing.
   * @returns undefined where nothing waits for it
   */
  answer(id: string, { chosen, text }: Answer): { said: string; allowed: Allowed | undefined } | undefined {
    const asked = [...this.#asked.values()].find(({ questions }) => questions.some((each) => each.id === id));
    const question = asked?.questions.find((each) => each.id === id);
    if (asked === undefined || question === undefined || asked.answers.has(question.text)) return undefined;
    const said = [...chosen, ...(text === undefined || text === '' ? [] : [text])].join(', ');
    asked.answers.set(question.text, said === '' ? NO_ANSWER : said);
    if (asked.answers.size < asked.questions.length) return { said, allowed: undefined };
    this.#asked.delete(asked.requestId);
    const input = { ...asked.input, answers: Object.fromEntries(asked.answers) };
    return { said, allowed: { requestId: asked.requestId, input } };
  }

  /** Forgets a request, or all; gives the ids of the questions that need no answer any more. */
  close(requestId?: string): string[] {
    const closed = [...this.#asked.values()].filter(
      (asked) => requestId === undefined || asked.requestId === requestId,
    );
    for (const asked of closed) this.#asked.delete(asked.requestId);
    return closed.flatMap(({ questions, answers }) =>
      questions.filter(({ text }) => !answers.has(text)).map(({ id }) => id),
    );
  }
}
