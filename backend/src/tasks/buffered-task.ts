import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { parseEvent, why } from '../../../src/protocol/decode.ts';
import { asOffloadError, ERROR_KINDS, fromWire, OffloadError } from '../../../src/protocol/error.ts';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { budgetSchema, MAX_PROMPT_BYTES, type TaskRequest } from '../../../src/protocol/task.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

/** Characters of each output that an answer holds: all of it has to fit into one payload. */
const KEPT_CHARS = 512 * 1024;

/** Bytes of a whole answer as JSON at most: Lambda takes 6 MB. */
const MAX_ANSWER_BYTES = 5.5 * 1024 * 1024;

/** Programs that an answer tells of; the names of the others alone would be too much. */
const MAX_RESULTS = 500;

/** `{"task": "…", "execute": true}`: a task in one request and one answer. */
const requestSchema = z.object({
  task: z.string().check(z.minLength(1), z.maxLength(MAX_PROMPT_BYTES)),
  execute: z.optional(z.boolean()),
  budget: z.optional(budgetSchema),
});

/** The answer, as {@link answerBuffered} gives it. */
export interface BufferedAnswer {
  statusCode: number;
  body: {
    /** What the agent said at last. */
    claude_output: string;
    claude_error: string;
    /** 0 where the task was done. */
    return_code: number;
    /** The programs that the agent wrote, run, where that was asked for. */
    execution_results: { file: string; stdout: string; stderr: string; return_code: number }[];
  };
}

/** Whether an event asks for a task in this way: it has no `kind`, which all requests of the protocol have. */
export const isBufferedTask = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'task' in event && !('kind' in event);

/**
 * Carries such a task out, from its request to its answer; what fails is part of the answer.
 * @param how what the request does not say: the agent, and the network, as the target has it
 * @param carryOut gives the frames of a request's answer, encoded: whole lines
 */
export async function answerBuffered(
  event: unknown,
  how: { agent: string; network: TaskRequest['network'] },
  carryOut: (request: TaskRequest) => AsyncIterable<Buffer>,
): Promise<BufferedAnswer> {
  const told = new Told();
  try {
    const parsed = requestSchema.safeParse(event);
    if (!parsed.success)
      throw new OffloadError('bad-request', `The request is not valid: ${why(parsed.error)}.`);
    const { task, execute = false, budget = {} } = parsed.data;
    const request: TaskRequest = {
      kind: 'task',
      version: PROTOCOL_VERSION,
      runId: `r_${randomBytes(16).toString('hex')}`,
      title: task.slice(0, 100),
      prompt: task,
      agent: { id: how.agent },
      budget,
      limits: {},
      network: how.network,
      execute,
    };
    for await (const lines of carryOut(request)) {
      for (const line of lines.toString('utf8').split('\n').slice(0, -1))
        told.add(JSON.parse(line) as object);
    }
  } catch (error) {
    told.error = asOffloadError(error);
  }
  return fitting(told.answer());
}

/** The answer within {@link MAX_ANSWER_BYTES}: of each output its end, as much of it as all of them have room for. */
function fitting(answer: BufferedAnswer): BufferedAnswer {
  for (let kept = KEPT_CHARS; ; kept = Math.floor(kept / 2)) {
    const cut = (text: string): string => (text.length <= kept ? text : text.slice(text.length - kept));
    const { body } = answer;
    const shorter: BufferedAnswer = {
      ...answer,
      body: {
        ...body,
        claude_output: cut(body.claude_output),
        claude_error: cut(body.claude_error),
        execution_results: body.execution_results
          .slice(0, MAX_RESULTS)
          .map((each) => ({ ...each, stdout: cut(each.stdout), stderr: cut(each.stderr) })),
      },
    };
    if (kept === 0 || Buffer.byteLength(JSON.stringify(shorter)) <= MAX_ANSWER_BYTES) return shorter;
  }
}

/** What the events of a task come to. */
class Told {
  error: OffloadError | undefined;
  #said = '';
  #speaking = false;
  #ended = false;
  readonly #output = new Map<string, { stdout: string; stderr: string }>();
  readonly #results: BufferedAnswer['body']['execution_results'] = [];

  add(frame: object): void {
    if ('type' in frame && (frame.type === 'heartbeat' || frame.type === 'error')) return;
    const event = parseEvent(frame);
    if (event.type === 'agent') this.#hear(event);
    else if (event.type === 'output') {
      const { program = '', stream, text = '' } = event;
      const output = this.#outputOf(program);
      output[stream] = (output[stream] + text).slice(-KEPT_CHARS);
    } else if (event.type === 'execution') {
      const { path, exitCode, error } = event;
      const { stdout, stderr } = this.#outputOf(path);
      const said = error === undefined ? stderr : `${stderr}${error.message}`;
      this.#results.push({ file: path, stdout, stderr: said, return_code: exitCode ?? 1 });
    } else if (isTerminal(event)) {
      this.#ended = true;
      if (event.type === 'failed') this.error = fromWire(event.error);
      if (event.type === 'cancelled') this.error = new OffloadError('interrupted', 'The task was cancelled.');
    }
  }

  answer(): BufferedAnswer {
    const lost = this.#ended ? undefined : new OffloadError('interrupted', 'The task did not end.');
    const error = this.error ?? lost;
    return {
      statusCode: error === undefined ? 200 : ERROR_KINDS[error.code].status,
      body: {
        claude_output: this.#said,
        claude_error: error === undefined ? '' : [error.message, error.fix].filter(Boolean).join(' '),
        return_code: error === undefined ? 0 : 1,
        execution_results: this.#results,
      },
    };
  }

  #hear({ item, parent }: Extract<RunEvent, { type: 'agent' }>): void {
    if (parent !== undefined) return;
    if (item.kind === 'text') {
      this.#said = ((this.#speaking ? this.#said : '') + item.delta).slice(-KEPT_CHARS);
      this.#speaking = true;
    } else if (item.kind === 'tool-result') this.#speaking = false;
  }

  #outputOf(program: string): { stdout: string; stderr: string } {
    const output = this.#output.get(program) ?? { stdout: '', stderr: '' };
    this.#output.set(program, output);
    return output;
  }
}
