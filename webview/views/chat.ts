import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { iconButton } from '../components/button.ts';
import { progressRing } from '../components/progress-ring.ts';
import { activeTask, isPending } from '../state/chat-state.ts';
import { doingOf } from '../state/doing.ts';
import { EMPTY_RUN } from '../state/run-view.ts';
import { visible } from '../text/visible.ts';
import { codeRunsByBlock } from './code-run.ts';
import { composerView } from './composer.ts';
import { errorView } from './error.ts';
import type { Page } from './page.ts';
import { progressView, todosView } from './progress.ts';
import { sessionsView } from './sessions.ts';
import { taskView, type TaskEntry } from './task.ts';

/** The whole page. */
export function chatView(page: Page, toEnd: () => void): TemplateResult {
  const { chat, ui } = page;
  const task = activeTask(chat);
  const run = task && (chat.runs.get(task.runId) ?? EMPTY_RUN);
  return html`
    ${ui.showsSessions ? sessionsView(page) : ''}
    <main class="timeline" id="timeline" tabindex="-1" role="log" aria-live="off" aria-label="Conversation">
      <div class="conversation" id="conversation">${timeline(page)}</div>
    </main>
    <footer class="foot">
      ${
        ui.atEnd
          ? ''
          : html`<div class="to-end">
              ${iconButton({ label: 'Go to the End', icon: 'down', onPress: toEnd })}
            </div>`
      }
      ${chat.failure === undefined ? '' : errorView(page, chat.failure.error)}
      ${chat.obstacle === undefined ? '' : errorView(page, chat.obstacle)}
      ${task && run ? [todosView(page, task.runId, run.todos), progressView(page, task.runId)] : ''}
      ${composerView(page)}
    </footer>
    <div class="unseen" role="status">${announcement(page, task?.runId)}</div>
  `;
}

function timeline(page: Page): unknown {
  const { chat } = page;
  if (!chat.hasSession)
    return html`<div class="empty">
      ${progressRing()}
      <p>Looking for earlier chats</p>
    </div>`;
  const tasks = chat.entries.filter((entry): entry is TaskEntry => entry.kind === 'task');
  if (tasks.length === 0 && !isPending(chat, 'submit')) return welcome();
  const codeRuns = codeRunsByBlock(chat);
  return repeat(
    tasks,
    ({ runId }) => runId,
    (entry) => taskView(page, entry, codeRuns),
  );
}

const welcome = (): TemplateResult =>
  html`<div class="empty">
    <h1>Give a task to a coding agent</h1>
    <p>
      It works on a copy of your workspace in a sandbox, without your keys and your other files. Its changes
      come back for review; nothing is changed here until you accept it.
    </p>
  </div>`;

/** What those hear who do not see the page: what it does now, a question, the end. */
function announcement({ chat }: Page, runId: string | undefined): string {
  const last = chat.entries.findLast(({ kind }) => kind === 'task');
  if (last === undefined) return '';
  const run = chat.runs.get(last.runId) ?? EMPTY_RUN;
  const block = run.tree.roots.at(-1);
  if (block?.kind === 'question' && block.state === 'open')
    return `The agent asks: ${visible(block.question.text)}`;
  if (runId !== undefined) return visible(doingOf(run, chat.standings.get(runId)));
  return run.end === undefined ? '' : `The task has ended: ${run.end.type}.`;
}
