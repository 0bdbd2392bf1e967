import { html, type TemplateResult } from 'lit-html';
import type { ProgramOutput } from '../state/program-output.ts';
import { ansiSegments } from '../text/ansi.ts';

/** What a program wrote, in its colours, as text alone. */
export const outputView = ({ text, left }: ProgramOutput, label: string): TemplateResult =>
  html`<pre class="output" tabindex="0" role="region" aria-label=${label}>
${
      left === 0
        ? ''
        : html`<span class="left-out">… ${left.toLocaleString('en')} characters left out … </span>`
    }${ansiSegments(text).map((segment) => (segment.look === '' ? segment.text : html`<span class=${segment.look}>${segment.text}</span>`))}</pre>`;
