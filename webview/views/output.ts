import { html, type TemplateResult } from 'lit-html';
import type { WrittenPart } from '../../src/protocol/chat.ts';
import type { ProgramOutput } from '../state/program-output.ts';
import { ansiSegments } from '../text/ansi.ts';
import type { Page } from './page.ts';

/** Characters from which on a text is read better in an editor. Whatever is shown cut has more of them. */
const LONG = 10_000;

export interface Written {
  runId: string;
  part: WrittenPart;
  output: ProgramOutput;
  /** What it is, for those who hear it. */
  label: string;
}

/** What a program wrote, in its colours, as text alone; a long one can be opened whole. */
export const outputView = (page: Page, { runId, part, output, label }: Written): TemplateResult => {
  const { text, left } = output;
  return html`<pre class="output" tabindex="0" role="region" aria-label=${label}>
${
        left === 0
          ? ''
          : html`<span class="left-out">… ${left.toLocaleString('en')} characters left out … </span>`
      }${ansiSegments(text).map((segment) => (segment.look === '' ? segment.text : html`<span class=${segment.look}>${segment.text}</span>`))}</pre>
    ${text.length > LONG ? wholeButton(page, runId, part) : ''}`;
};

/** Opens the whole of a text in an editor. */
export const wholeButton = (page: Page, runId: string, part: WrittenPart): TemplateResult =>
  html`<button
    type="button"
    class="text-button"
    @click=${() => {
      page.send({ type: 'open-whole', runId, part });
    }}
  >
    Open all of it in an editor
  </button>`;
