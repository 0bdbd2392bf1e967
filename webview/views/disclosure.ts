import { html, type TemplateResult } from 'lit-html';
import { icon } from '../components/icon.ts';
import { toggle, type Page } from './page.ts';

/** A row that opens and closes what is below it. */
export const disclosure = (
  page: Page,
  key: string,
  row: unknown,
  body: () => unknown,
  className = '',
): TemplateResult => {
  const isOpen = page.ui.open.has(key);
  return html`<div class="disclosure ${className}">
    <button
      class="row"
      aria-expanded=${String(isOpen)}
      @click=${() => {
        toggle(page, key);
      }}
    >
      <span class="chevron">${icon('chevron')}</span>${row}
    </button>
    ${isOpen ? html`<div class="disclosed">${body()}</div>` : ''}
  </div>`;
};
