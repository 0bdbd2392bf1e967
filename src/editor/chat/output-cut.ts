import { isTerminal, type OutputEvent, type RunEvent } from '../../protocol/event.ts';

/** Characters of a program's output that the page is sent as they come, and of its end when it has ended. */
const BEGINNING = 128 * 1024;
const END = 48 * 1024;

interface Program {
  sent: number;
  /** The last parts of what was left out, and how much that is in all. */
  held: string;
  left: number;
}

/**
 * Keeps a flood of output from the page: of each program its beginning goes through as it comes, and its end once it has
 * ended. The whole of it is in the journal.
 */
export class OutputCut {
  readonly #programs = new Map<string, Program>();

  /** The events that stand for this one: none for output that is left out; the end of outputs before what ends them. */
  take(event: RunEvent): RunEvent[] {
    if (event.type === 'output') return this.#takeOutput(event);
    if (event.type === 'check') return [...this.#end('check', event), event];
    if (event.type === 'execution') return [...this.#end(event.path, event), event];
    if (!isTerminal(event)) return [event];
    return [...[...this.#programs.keys()].flatMap((program) => this.#end(program, event)), event];
  }

  #takeOutput(event: OutputEvent): RunEvent[] {
    const key = event.program ?? '';
    const program = this.#programs.get(key) ?? { sent: 0, held: '', left: 0 };
    this.#programs.set(key, program);
    const length = event.text?.length ?? event.base64?.length ?? 0;
    if (program.left === 0 && program.sent + length <= BEGINNING) {
      program.sent += length;
      return [event];
    }
    const isFirst = program.left === 0;
    program.left += length;
    program.held = (program.held + (event.text ?? '')).slice(-END);
    return isFirst
      ? [withText(event, '\n… there is more; its end is shown when the program has ended …\n')]
      : [];
  }

  #end(key: string, { seq, time }: RunEvent): RunEvent[] {
    const program = this.#programs.get(key);
    this.#programs.delete(key);
    if (program === undefined || program.left === 0) return [];
    const missing = program.left - program.held.length;
    const text = `${missing > 0 ? `\n… ${missing.toLocaleString('en')} characters left out …\n` : ''}${program.held}`;
    const event: OutputEvent = { type: 'output', seq, time, stream: 'stdout', text };
    return [key === '' ? event : { ...event, program: key }];
  }
}

function withText({ seq, time, type, stream, program }: OutputEvent, text: string): OutputEvent {
  return { seq, time, type, stream, text, ...(program === undefined ? {} : { program }) };
}
