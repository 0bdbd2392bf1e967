import type { OutputEvent, RunEvent } from '../../protocol/event.ts';
import { EscapeFilter } from './escape-filter.ts';
import { noticeLine } from './paint.ts';

/** A program's events as a terminal shows them. */
export class ProgramText {
  readonly #filters = { stdout: new EscapeFilter(), stderr: new EscapeFilter() };

  of(event: RunEvent): string {
    if (event.type === 'notice') return noticeLine(event.message);
    if (event.type !== 'output') return '';
    return this.#filters[event.stream].push(outputText(event)).replace(/\r?\n/g, '\r\n');
  }
}

/** What a program wrote, as text: bytes that are none become replacement characters. */
export const outputText = (event: OutputEvent): string =>
  event.text ?? Buffer.from(event.base64 ?? '', 'base64').toString('utf8');
