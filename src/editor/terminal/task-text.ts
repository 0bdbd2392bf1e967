import { PROMPT_ID, type AgentItem, type Question } from '../../protocol/agent-item.ts';
import type { AgentEvent, CheckEvent, ExecutionEvent, OutputEvent, RunEvent } from '../../protocol/event.ts';
import { plainText } from '../plain-text.ts';
import type { RunRecord } from '../run/record.ts';
import { ProgramText } from './program-text.ts';
import { bold, dim, FRESH, green, oneLine, red, yellow } from './paint.ts';

/** Characters of one line of ours. */
const MAX_LINE = 200;
/** Lines that are shown of what a tool says that failed. */
const MAX_RESULT_LINES = 6;
const MAX_PROMPT_LINES = 20;

/**
 * A task's events as a terminal shows them: what the agent writes as it streams, a line for each tool, the output of the
 * check and of programs. Nothing in it acts on the terminal.
 */
export class TaskText {
  readonly #title: string;
  /** What the screen is in the middle of: the id of a text, the name of a program. */
  #open: string | undefined;
  /** Whether that has ended with a line. */
  #isFresh = false;
  #todos = '';
  readonly #programs = new Map<string, ProgramText>();

  constructor({ title }: Pick<RunRecord, 'title'>) {
    this.#title = title;
  }

  of(event: RunEvent): string {
    switch (event.type) {
      case 'agent':
        return this.#item(event);
      case 'output':
        return this.#output(event);
      case 'check':
        return this.#line(checkWords(event));
      case 'execution':
        return this.#line(executionWords(event));
      case 'notice':
        return this.#line(yellow(cut(`! ${event.message}`)));
      default:
        return '';
    }
  }

  /** What the user says; of the prompt the heading has the beginning. */
  #message({ id, text }: Extract<AgentItem, { kind: 'message' }>): string {
    if (id === PROMPT_ID && text.trim() === this.#title) return '';
    const [lines, more] = split(text.trim(), MAX_PROMPT_LINES);
    const mark = id === PROMPT_ID ? dim('│') : bold('▸');
    return this.#line([...lines, ...(more > 0 ? ['…'] : [])].map((line) => `${mark} ${line}`).join('\r\n'));
  }

  #item({ item, parent }: AgentEvent): string {
    const inner = parent === undefined ? '' : '  ↳ ';
    switch (item.kind) {
      case 'session':
        return this.#line(dim(cut([item.agent, item.model ?? ''].filter(Boolean).join(' · '))));
      case 'text':
        // What a sub-agent writes goes to the agent, which says what came of it.
        return parent === undefined ? this.#stream(item, (text) => text) : '';
      case 'thinking':
        return parent === undefined ? this.#stream(item, dim) : '';
      case 'tool-call':
        return this.#line(`${inner}${dim('●')} ${cut(item.title === '' ? item.name : item.title)}`);
      case 'tool-output':
        return this.#stream(item, dim);
      case 'tool-result':
        return this.#result(item, inner);
      case 'todos':
        return this.#todoList(item.items);
      case 'question':
        return this.#line(questionWords(item));
      case 'answer':
        return item.text === undefined ? '' : this.#line(`${dim('↩')} ${cut(item.text)}`);
      case 'message':
        return this.#message(item);
      case 'retry':
        return this.#line(
          yellow(cut(`! The model is asked again (${String(item.attempt)}): ${item.reason}`)),
        );
      case 'tool':
      case 'tool-input':
      case 'usage':
        return '';
    }
  }

  #result({ outcome, text }: Extract<AgentItem, { kind: 'tool-result' }>, inner: string): string {
    if (outcome === 'done') return '';
    const [lines, more] = split(`${outcome}: ${text.trim()}`, MAX_RESULT_LINES);
    const shown = [...lines.map(cut), ...(more > 0 ? ['…'] : [])];
    return this.#line(shown.map((line) => `${inner}  ${red(line)}`).join('\r\n'));
  }

  #todoList(items: Extract<AgentItem, { kind: 'todos' }>['items']): string {
    const marks = { pending: dim('☐'), active: yellow('◐'), done: green('☑') };
    const list = items.map(({ text, state }) => `  ${marks[state]} ${cut(text)}`).join('\r\n');
    if (list === this.#todos) return '';
    this.#todos = list;
    return list === '' ? '' : this.#line(list);
  }

  #output(event: OutputEvent): string {
    const program = event.program ?? '';
    let text = this.#programs.get(program);
    const heading = text === undefined && program !== '' ? this.#line(bold(`▶ ${cut(program)}`)) : '';
    if (text === undefined) this.#programs.set(program, (text = new ProgramText()));
    const before = this.#open === `program ${program}` ? '' : this.#close();
    this.#open = `program ${program}`;
    return heading + before + this.#part(text.of(event));
  }

  /** A part of a text that streams. */
  #stream(
    { id, kind, delta }: { id: string; kind: string; delta: string },
    paint: (text: string) => string,
  ): string {
    const name = `${kind} ${id}`;
    const before = this.#open === name ? '' : this.#close();
    this.#open = name;
    const text = shownText(delta);
    return (
      before +
      this.#part(
        text
          .split('\n')
          .map((line) => line && paint(line))
          .join('\r\n'),
      )
    );
  }

  #part(text: string): string {
    if (text !== '') this.#isFresh = text.endsWith('\n');
    return text;
  }

  /** A line of its own. */
  #line(text: string): string {
    const before = this.#close();
    this.#isFresh = true;
    return `${before}${text}\r\n`;
  }

  /** Ends what the screen is in the middle of. */
  #close(): string {
    if (this.#open === undefined) return '';
    this.#open = undefined;
    return this.#isFresh ? FRESH : `${FRESH}\r\n`;
  }
}

/** Text from outside with its line feeds, and with nothing else that acts. */
const shownText = (text: string): string =>
  plainText(text.replaceAll('\t', '    ').replace(/[\r\u200d]/g, ''));

/** The first lines of a text, and how many more there are. */
function split(text: string, most: number): [string[], number] {
  const lines = shownText(text).split('\n');
  return [lines.slice(0, most), Math.max(0, lines.length - most)];
}

const cut = (text: string): string => {
  const line = oneLine(text);
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)}…`;
};

function questionWords({ header, text, options }: Question): string {
  const asked = yellow(`? ${cut(header === undefined ? text : `${header}: ${text}`)}`);
  const lines = options.map(({ label, description }) =>
    cut(description === undefined ? label : `${label}: ${description}`),
  );
  return [asked, ...lines.map((line) => `  ${dim('○')} ${line}`)].join('\r\n');
}

function checkWords({ command, passed, error, ...end }: CheckEvent): string {
  const how = error?.message ?? endWords(end);
  return passed
    ? green(`✓ The check passed: ${cut(command)}`)
    : red(`✗ The check failed (${cut(how)}): ${cut(command)}`);
}

function executionWords({ path, error, ...end }: ExecutionEvent): string {
  const text = cut(`${path}: ${error?.message ?? endWords(end)}`);
  return error === undefined && end.exitCode === 0 ? green(`✓ ${text}`) : red(`✗ ${text}`);
}

const endWords = ({
  exitCode,
  signal,
}: {
  exitCode?: number | undefined;
  signal?: string | undefined;
}): string => (signal === undefined ? `exit code ${String(exitCode ?? 0)}` : `ended by ${signal}`);
