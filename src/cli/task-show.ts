import { PROMPT_ID, type AgentItem } from '../protocol/agent-item.ts';
import type { AgentEvent, OutputEvent, RunEvent } from '../protocol/event.ts';
import type { Questions } from './questions.ts';
import { oneLine, severalLines } from './say.ts';
import { writeOutput, type Show } from './show.ts';

interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** Where a task is shown: its result on one stream, all else on the other. */
export interface TaskOutput {
  stdout: Output;
  stderr: Output;
  /** Whether thinking is written in dim letters. */
  dim: boolean;
}

export const ownOutput = (): TaskOutput => ({
  stdout: process.stdout,
  stderr: process.stderr,
  dim: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
});

const DIM = '\u001b[2m';
const NOT_DIM = '\u001b[22m';
/** Characters of a message, and of what came of a failed tool use, that are shown. */
const SHOWN_CHARS = 300;

/**
 * Shows a task, or a run, as it goes on: what the agent writes and what the programs that it made print on standard output;
 * its thinking, a line for each thing that it does, and the check's output on standard error.
 */
export class TaskShow implements Show {
  readonly #output: TaskOutput;
  readonly #questions: Questions | undefined;
  /** The stream whose last line is not ended, and what is being written there. */
  #open: 'stdout' | 'stderr' | undefined;
  #block = '';

  constructor(output: TaskOutput, questions?: Questions) {
    this.#output = output;
    this.#questions = questions;
  }

  event(event: RunEvent): void {
    if (event.type === 'agent') this.#agent(event);
    else if (event.type === 'output') this.#program(event);
    else if (event.type === 'notice') this.line(event.message);
  }

  end(): void {
    this.#questions?.end();
    this.#close('');
  }

  /** Says something of our own, on a line of its own. */
  readonly line = (text: string): void => {
    if (this.#open === 'stderr' || (this.#open === 'stdout' && this.#output.stdout.isTTY === true))
      this.#close('');
    this.#output.stderr.write(`offload: ${oneLine(text)}\n`);
  };

  #agent({ item, parent }: AgentEvent): void {
    const indent = parent === undefined ? '' : '  ';
    if (item.kind === 'text' || item.kind === 'thinking') {
      // What a sub-agent says goes to the agent.
      if (parent === undefined) this.#stream(item);
      return;
    }
    if (item.kind === 'answer') this.#questions?.settle(item.id);
    if (item.kind === 'question' && this.#questions !== undefined) this.#questions.ask(item, this.line);
    else {
      const text = lineOf(item);
      if (text !== undefined) this.line(indent + text);
    }
  }

  #stream({ kind, id, delta }: Extract<AgentItem, { kind: 'text' | 'thinking' }>): void {
    const name = kind === 'text' ? 'stdout' : 'stderr';
    this.#close(`${kind} ${id}`);
    const text = severalLines(delta);
    const dim = name === 'stderr' && this.#output.dim;
    this.#output[name].write(dim ? DIM + text + NOT_DIM : text);
    if (text !== '') this.#open = text.endsWith('\n') ? undefined : name;
  }

  #program(event: OutputEvent): void {
    const { program } = event;
    // The check tells whether the work is good; what the programs print is the work.
    const name = program === 'check' ? 'stderr' : event.stream;
    if (program !== undefined) this.#close(`program ${program} ${name}`);
    writeOutput(event, this.#output[name]);
    if (program === undefined) return;
    this.#open = event.text?.endsWith('\n') === true ? undefined : name;
  }

  /** Ends the line that is open, unless what follows goes on with it. */
  #close(block: string): void {
    if (block !== '' && block === this.#block) return;
    if (this.#open !== undefined) this.#output[this.#open].write('\n');
    this.#open = undefined;
    this.#block = block;
  }
}

/** What is said of an item; undefined for what is shown elsewhere, or not at all. */
function lineOf(item: AgentItem): string | undefined {
  switch (item.kind) {
    case 'session':
      return `${item.agent}${item.model === undefined ? '' : `, ${item.model}`}`;
    case 'tool-call':
      return item.title === '' ? item.name : item.title;
    case 'tool-result':
      return item.outcome === 'done'
        ? undefined
        : `${item.outcome}: ${item.text.trim().slice(0, SHOWN_CHARS)}`;
    case 'todos': {
      const at = item.items.findIndex(({ state }) => state === 'active');
      const todo = item.items[at];
      return todo && `${String(at + 1)} of ${String(item.items.length)}: ${todo.text}`;
    }
    case 'question':
      return `The agent asks: ${item.text}`;
    case 'message':
      // The task's own prompt comes as the first message.
      if (item.id === PROMPT_ID) return undefined;
      return `${item.when === 'now' ? 'told' : 'will be told'}: ${item.text.trim().slice(0, SHOWN_CHARS)}`;
    case 'retry':
      return `The model did not answer (${item.reason}) and is asked again.`;
    default:
      return undefined;
  }
}
