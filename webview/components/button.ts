import { html, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { icon, type IconName } from './icon.ts';

export interface ButtonOptions {
  label: string;
  onPress: () => void;
  /** `primary` for the one thing that is likeliest wanted. */
  look?: 'primary' | 'secondary';
  icon?: IconName;
  disabled?: boolean;
  /** What is said about it, where the label does not say it all. */
  hint?: string;
}

/** A button with words. */
export const button = (options: ButtonOptions): TemplateResult =>
  html`<vscode-button
    appearance=${options.look ?? 'secondary'}
    ?disabled=${options.disabled ?? false}
    title=${ifDefined(options.hint)}
    @click=${options.onPress}
    >${options.icon === undefined ? '' : html`<span slot="start" class="icon-slot">${icon(options.icon)}</span>`}${
      options.label
    }</vscode-button
  >`;

/** A button with a picture; its label is for those who hear it, and its tooltip. */
export const iconButton = (options: ButtonOptions & { icon: IconName }): TemplateResult =>
  html`<vscode-button
    appearance="icon"
    ?disabled=${options.disabled ?? false}
    aria-label=${options.label}
    title=${options.hint ?? options.label}
    @click=${options.onPress}
    >${icon(options.icon)}</vscode-button
  >`;
