import { html, type TemplateResult } from 'lit-html';
import { button } from '../components/button.ts';
import { icon } from '../components/icon.ts';
import { progressRing } from '../components/progress-ring.ts';
import { elapsed, silentSince } from '../state/alive.ts';
import { doingOf } from '../state/doing.ts';
import { EMPTY_RUN, type Todo } from '../state/run-view.ts';
import { clock, usageWords } from '../text/words.ts';
import { visible } from '../text/visible.ts';
import { disclosure } from './disclosure.ts';
import type { Page } from './page.ts';

/** What a task does now, since when, what it took, and the way to stop it; it says so when nothing is heard any more. */
export function progressView(page: Page, runId: string): TemplateResult {
  const { chat, now } = page;
  const run = chat.runs.get(runId) ?? EMPTY_RUN;
  const heard = chat.heard.get(runId);
  const standing = chat.standings.get(runId);
  const silent = silentSince(heard, now);
  const time = elapsed(run, chat.heardEvents.get(runId), now);
  const usage = run.usage === undefined ? undefined : usageWords(run.usage);
  const doing = visible(doingOf(run, standing)).replaceAll('\n', ' ');
  return html`<div class="progress" data-silent=${String(silent !== undefined)}>
    ${silent === undefined ? progressRing() : html`<span class="silent">${icon('warning')}</span>`}
    <div class="progress-text">
      <span class="doing" title=${doing}
        >${silent === undefined ? doing : `No sign of life since ${timeOfDay(silent)}`}</span
      >
      <span class="quiet" title=${usage?.long ?? ''}
        >${[...(time > 0 ? [clock(time)] : []), ...(usage === undefined ? [] : [usage.short])].join(' · ')}</span
      >
    </div>
    ${
      silent === undefined
        ? ''
        : button({
            label: 'Look Again',
            onPress: () => {
              page.send({ type: 'replay', runId, after: run.seq });
            },
          })
    }
    ${stopButton(page, runId)}
  </div>`;
}

/** The first press ends the agent's turn and keeps what it did; the second ends the run. */
function stopButton(page: Page, runId: string): TemplateResult {
  const asked = page.ui.interrupted.has(runId);
  return button({
    label: asked ? 'End Now' : 'Stop',
    icon: 'stop',
    hint: asked ? 'End the run at once' : 'Stop the agent; what it did is kept (Esc)',
    onPress: () => {
      stop(page, runId);
    },
  });
}

/** Stops a task: its turn at first, all of it when asked again. */
export function stop(page: Page, runId: string): void {
  const { ui, chat } = page;
  const isRunning = chat.runs.get(runId)?.phase === 'running';
  if (ui.interrupted.has(runId) || !isRunning) {
    page.send({ type: 'stop', runId });
    return;
  }
  page.change({ interrupted: new Set(ui.interrupted).add(runId) });
  page.send({ type: 'interrupt', runId });
}

const timeOfDay = (time: number): string =>
  new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });

const TODO_WORDS = { pending: 'to do', active: 'in work', done: 'done' } as const;

/** What the agent means to do, and how far it is. */
export function todosView(page: Page, runId: string, todos: readonly Todo[]): TemplateResult | string {
  if (todos.length === 0) return '';
  const done = todos.filter(({ state }) => state === 'done').length;
  const current = todos.find(({ state }) => state === 'active');
  const row = html`<span class="todos-count">${done} of ${todos.length} done</span>
    <span class="tool-title">${visible(current?.text ?? '')}</span>`;
  return disclosure(
    page,
    `${runId} todos`,
    row,
    () =>
      html`<ol class="todos-list">
        ${todos.map(
          ({ text, state }) =>
            html`<li data-state=${state}>
              <span class="todo-mark"
                >${state === 'done' ? icon('check') : icon(state === 'active' ? 'play' : 'stop')}</span
              >
              <span>${visible(text)}</span><span class="unseen">${TODO_WORDS[state]}</span>
            </li>`,
        )}
      </ol>`,
    'todos',
  );
}
