import { html, type TemplateResult } from 'lit-html';

/** Something goes on; what it is, and since when, stands beside it. */
export const progressRing = (): TemplateResult =>
  html`<vscode-progress-ring aria-hidden="true"></vscode-progress-ring>`;
