import { html, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import type { Place } from '../../src/protocol/chat.ts';
import { button, iconButton } from '../components/button.ts';
import { highlighted } from '../markdown/highlight.ts';
import type { Fence } from '../markdown/html.ts';
import { fenceName, runnableLanguage } from '../text/fence-language.ts';
import { visible } from '../text/visible.ts';
import { codeRunView, type CodeRun } from './code-run.ts';
import type { Page } from './page.ts';

/** A code block of what an agent has said: it can be copied and run, and what it printed stands under it. */
export function fenceView(page: Page, place: Place, fence: Fence, runs: readonly CodeRun[]): TemplateResult {
  const language = fence.closed ? runnableLanguage(fence.info) : undefined;
  const { session } = page.chat;
  const run = runs.at(-1);
  const isRunning = run?.isActive === true;
  return html`<div class="fence">
    <div class="fence-head">
      <span class="fence-language">${language?.label ?? fenceName(fence.info)}</span>
      ${
        language !== undefined && session !== null && fence.code.trim() !== ''
          ? button({
              label: run === undefined ? 'Run' : 'Run Again',
              icon: 'play',
              hint: 'Run this code in the sandbox',
              disabled: isRunning || !page.chat.trusted,
              onPress: () => {
                page.send({ type: 'run-code', session, place, language: language.id, code: fence.code });
              },
            })
          : ''
      }
      ${
        fence.closed
          ? iconButton({
              label: 'Copy Code',
              icon: 'copy',
              onPress: () => {
                page.send({ type: 'copy', text: fence.code });
              },
            })
          : ''
      }
    </div>
    <pre class="code" tabindex="0"><code>${guard([fence.code, fence.closed], () =>
      // What can be run is approved by its look: nothing in it is hidden.
      fence.closed ? highlighted(visible(fence.code), fence.info) : visible(fence.code),
    )}</code></pre>
    ${run === undefined ? '' : codeRunView(page, run)}
  </div>`;
}
