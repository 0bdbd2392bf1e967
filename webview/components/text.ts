import { html, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { live } from 'lit-html/directives/live.js';
import { ref } from 'lit-html/directives/ref.js';

export interface TextOptions {
  id: string;
  /** For those who hear it; a field shows it above. */
  label: string;
  value: string;
  placeholder?: string;
  disabled?: boolean;
  onInput: (value: string) => void;
  onKey?: (event: KeyboardEvent) => void;
}

interface TextControl extends HTMLElement {
  value: string;
}

/** The control names itself when it comes into the page, so that its name is given to it after that. */
const named = (label: string) =>
  ref((element) => {
    requestAnimationFrame(() => element?.setAttribute('aria-label', label));
  });

const valueOf = (event: Event): string => (event.currentTarget as TextControl).value;

/** A line of text, with its label above. */
export const textField = (options: TextOptions): TemplateResult =>
  html`<div class="field">
    <label for=${options.id}>${options.label}</label>
    <vscode-text-field
      id=${options.id}
      ${named(options.label)}
      placeholder=${ifDefined(options.placeholder)}
      ?disabled=${options.disabled ?? false}
      .value=${live(options.value)}
      @input=${(event: Event) => {
        options.onInput(valueOf(event));
      }}
      @keydown=${options.onKey}
    ></vscode-text-field>
  </div>`;

/** Some lines of text, as high as they need. */
export const textArea = (options: TextOptions): TemplateResult =>
  html`<vscode-text-area
    id=${options.id}
    ${named(options.label)}
    placeholder=${ifDefined(options.placeholder)}
    resize="none"
    ?disabled=${options.disabled ?? false}
    .value=${live(options.value)}
    @input=${(event: Event) => {
      options.onInput(valueOf(event));
    }}
    @keydown=${options.onKey}
  ></vscode-text-area>`;
