import { html, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';

export interface Choice {
  value: string;
  label: string;
  /** What is said of it besides. */
  hint?: string | undefined;
}

export interface DropdownOptions {
  id: string;
  label: string;
  choices: readonly Choice[];
  value: string;
  onPick: (value: string) => void;
}

interface Select extends HTMLElement {
  value: string;
}

/** One of several, with its label above. */
export const dropdown = ({ id, label, choices, value, onPick }: DropdownOptions): TemplateResult =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    <vscode-dropdown
      id=${id}
      aria-label=${label}
      ${ref((element) => {
        settle(element as Select | undefined, value);
      })}
      @change=${(event: Event) => {
        onPick((event.currentTarget as Select).value);
      }}
      >${repeat(
        choices,
        (choice) => choice.value,
        (choice) =>
          html`<vscode-option value=${choice.value} title=${ifDefined(choice.hint)}
            >${choice.label}</vscode-option
          >`,
      )}</vscode-dropdown
    >
  </div>`;

/** The control takes a value only once it has seen its options. */
function settle(element: Select | undefined, value: string): void {
  if (element === undefined) return;
  requestAnimationFrame(() => {
    if (element.value !== value) element.value = value;
  });
}
