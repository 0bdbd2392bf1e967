import { html, nothing, type TemplateResult } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

export interface DropdownOptions {
  id: string;
  label: string;
  choices: readonly Choice[];
  value: string;
  onPick: (value: string) => void;
  disabled?: boolean;
}

interface Select extends HTMLElement {
  value: string;
}

/** One of several, with its label above. */
export const dropdown = ({
  id,
  label,
  choices,
  value,
  onPick,
  disabled = false,
}: DropdownOptions): TemplateResult =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    <vscode-dropdown
      id=${id}
      aria-label=${label}
      ?disabled=${disabled}
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
          html`<vscode-option value=${choice.value} ?disabled=${choice.disabled ?? false}
            >${choice.label}</vscode-option
          >`,
      )}${nothing}</vscode-dropdown
    >
  </div>`;

/** The control takes a value only once it has seen its options. */
function settle(element: Select | undefined, value: string): void {
  if (element === undefined) return;
  requestAnimationFrame(() => {
    if (element.value !== value) element.value = value;
  });
}
