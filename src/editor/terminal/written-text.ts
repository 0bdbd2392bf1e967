import type { WrittenPart } from '../../protocol/chat.ts';
import type { RunEvent } from '../../protocol/event.ts';
import { EscapeFilter } from './escape-filter.ts';
import { outputText } from './program-text.ts';

/** Colours and what else draws, which a text file has no use for. */
// eslint-disable-next-line no-control-regex
const DRAWING = /\x1b(?:\[[0-9;:?]*[@-~]|\]8;[^\x1b]*\x1b\\|[78])|[\b]/g;

/** Picks what programs or a tool use have written out of a run's events, as plain text. */
export class WrittenText {
  readonly #part: WrittenPart | undefined;
  readonly #filters = { stdout: new EscapeFilter(), stderr: new EscapeFilter() };
  /** Of a tool use: what it was given, what it wrote as it went, and what came of it in the end. */
  #input = '';
  #streamed = '';
  #result = '';

  /** @param part whose text it is; of all programs where it is left out */
  constructor(part?: WrittenPart) {
    this.#part = part;
  }

  /** What an event adds. */
  take(event: RunEvent): string {
    const part = this.#part;
    if (event.type === 'output') {
      const isMeant = part === undefined || ('program' in part && part.program === (event.program ?? ''));
      return isMeant ? this.#plain(event.stream, outputText(event)) : '';
    }
    if (event.type !== 'agent' || part === undefined || !('tool' in part)) return '';
    const { item } = event;
    if (!('id' in item) || item.id !== part.tool) return '';
    if (item.kind === 'tool-input') this.#input += item.delta;
    if (item.kind === 'tool-call') this.#input = inputText(item.input);
    if (item.kind === 'tool-output') this.#streamed += item.delta;
    if (item.kind === 'tool-result') this.#result = item.text;
    return '';
  }

  /** What is known only at the end. */
  end(): string {
    // The result is cut where it is long; what was streamed is not.
    const output = this.#streamed.length > this.#result.length ? this.#streamed : this.#result;
    return [this.#input, output]
      .filter((text) => text !== '')
      .map((text) => this.#plain('stdout', text).trimEnd() + '\n')
      .join('\n');
  }

  #plain(stream: 'stdout' | 'stderr', text: string): string {
    return this.#filters[stream].push(text).replace(DRAWING, '');
  }
}

/** What a tool was given, part by part; texts as they are. */
function inputText(input: unknown): string {
  if (typeof input !== 'object' || input === null) return input === undefined ? '' : asText(input);
  return Object.entries(input)
    .map(([name, value]) => `${name}: ${asText(value)}`)
    .join('\n');
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
