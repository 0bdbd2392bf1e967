import { html, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import type { SessionRun } from '../../src/protocol/chat.ts';
import { isActive } from '../state/chat-state.ts';
import { EMPTY_RUN } from '../state/run-view.ts';
import { blocksView } from './blocks.ts';
import type { codeRunsByBlock } from './code-run.ts';
import { outcomeView } from './outcome.ts';
import { toggle, type Page } from './page.ts';

export type TaskEntry = Extract<SessionRun, { kind: 'task' }>;

/** Characters and lines of a prompt that are shown before it is opened. */
const SHORT_CHARS = 600;
const SHORT_LINES = 12;

/** A task of the session: what was asked, what the agent says and does, what came of it. */
export function taskView(
  page: Page,
  entry: TaskEntry,
  codeRuns: ReturnType<typeof codeRunsByBlock>,
): TemplateResult {
  const { runId } = entry;
  const run = page.chat.runs.get(runId) ?? EMPTY_RUN;
  const active = isActive(page.chat, runId);
  return html`<article class="task" data-run=${runId} aria-label="Task">
    ${guard([entry, page.ui.open], () => promptView(page, entry))}
    <div class="blocks">${blocksView({ page, runId, active, codeRuns }, run.tree.roots)}</div>
    ${outcomeView(page, entry, run)}
  </article>`;
}

function promptView(page: Page, { runId, prompt, chosen }: TaskEntry): TemplateResult {
  const key = `${runId} prompt`;
  const isLong = prompt.length > SHORT_CHARS || prompt.split('\n', SHORT_LINES + 1).length > SHORT_LINES;
  const isOpen = page.ui.open.has(key);
  const shown = isLong && !isOpen ? shortened(prompt) : prompt;
  return html`<div class="prompt">
    <div class="prompt-text" dir="auto">${shown}</div>
    ${
      isLong
        ? html`<button
            class="text-button"
            aria-expanded=${String(isOpen)}
            @click=${() => {
              toggle(page, key);
            }}
          >
            ${isOpen ? 'Show less' : `Show all ${prompt.length.toLocaleString('en')} characters`}
          </button>`
        : ''
    }
    ${chosen.model === undefined ? '' : html`<span class="prompt-model quiet">${chosen.model}</span>`}
  </div>`;
}

const shortened = (text: string): string =>
  `${text.split('\n', SHORT_LINES).join('\n').slice(0, SHORT_CHARS).trimEnd()} …`;
