import { html, type TemplateResult } from 'lit-html';
import type { ShownError } from '../../src/protocol/chat.ts';
import { button } from '../components/button.ts';
import { icon } from '../components/icon.ts';
import { visible } from '../text/visible.ts';
import type { Page } from './page.ts';

/** What went wrong and why, what to do, and buttons that do it. */
export const errorView = (page: Page, error: ShownError): TemplateResult =>
  html`<div class="error" role="alert">
    <span class="error-icon">${icon('error')}</span>
    <div class="error-text">
      <p>${visible(error.message)}</p>
      ${error.fix === undefined ? '' : html`<p class="fix">${visible(error.fix)}</p>`}
      ${
        error.remedies.length === 0
          ? ''
          : html`<div class="buttons">
              ${error.remedies.map(({ id, label }) =>
                button({
                  label,
                  onPress: () => {
                    page.send({ type: 'remedy', remedy: id });
                  },
                }),
              )}
            </div>`
      }
    </div>
  </div>`;
