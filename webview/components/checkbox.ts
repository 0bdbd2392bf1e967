import { html, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';

export interface CheckboxOptions {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** Something that is chosen or not, beside others. */
export const checkbox = ({ label, checked, disabled = false, onChange }: CheckboxOptions): TemplateResult =>
  html`<vscode-checkbox
    ?disabled=${disabled}
    .checked=${live(checked)}
    @change=${(event: Event) => {
      onChange((event.currentTarget as HTMLElement & { checked: boolean }).checked);
    }}
    >${label}</vscode-checkbox
  >`;
