import { html, type TemplateResult } from 'lit-html';
import { button } from '../components/button.ts';
import { icon } from '../components/icon.ts';
import { textArea } from '../components/text.ts';
import { activeTask, endOfSession, isPending } from '../state/chat-state.ts';
import { optionsFields, optionsSummary } from './options.ts';
import type { Page } from './page.ts';
import { stop } from './progress.ts';

/** Where a task is written, or a message to the agent that works. */
export function composerView(page: Page): TemplateResult {
  const { chat, ui } = page;
  const task = activeTask(chat);
  const ready = canSend(page);
  const ended = endOfSession(chat);
  return html`<section class="composer" aria-label="Prompt">
    ${
      ended === undefined
        ? ''
        : html`<p class="new-task-note" role="note">
            ${icon('info')} <span>${ended} What you send begins a new task in a new chat.</span>
          </p>`
    }
    ${textArea({
      id: 'prompt',
      label: task === undefined ? 'What should be done?' : 'A message to the agent',
      placeholder: placeholder(page),
      value: ui.draft,
      onInput: (draft) => {
        page.change({ draft });
      },
      onKey: (event) => {
        onKey(page, event);
      },
    })}
    <div class="composer-foot">
      ${
        task === undefined
          ? [
              chat.choices && chat.chosen ? optionsSummary(page, chat.choices, chat.chosen) : '',
              button({
                label: ended === undefined ? 'Send' : 'New Task',
                look: 'primary',
                icon: 'send',
                disabled: !ready,
                onPress: () => {
                  send(page, 'now');
                },
              }),
            ]
          : [
              button({
                label: 'After This Turn',
                hint: 'Wait until the agent has ended its turn (Ctrl+Enter)',
                disabled: !ready,
                onPress: () => {
                  send(page, 'next');
                },
              }),
              button({
                label: 'Send Now',
                look: 'primary',
                icon: 'send',
                hint: 'Steer the agent at its next step (Enter)',
                disabled: !ready,
                onPress: () => {
                  send(page, 'now');
                },
              }),
            ]
      }
    </div>
    ${
      task === undefined && ui.showsOptions && chat.choices && chat.chosen
        ? optionsFields(page, chat.choices, chat.chosen)
        : ''
    }
  </section>`;
}

/** Whether the host has yet to take what was sent. */
const waits = ({ chat }: Page): boolean => isPending(chat, 'submit') || isPending(chat, 'message');

function canSend(page: Page): boolean {
  const { chat, ui } = page;
  if (ui.draft.trim() === '' || waits(page)) return false;
  if (activeTask(chat) !== undefined) return true;
  return chat.chosen !== undefined && chat.trusted && chat.obstacle === undefined;
}

const placeholder = ({ chat }: Page): string => {
  if (activeTask(chat) !== undefined) return 'Steer the agent, or tell it what comes next';
  return chat.entries.length === 0 ? 'What should be done?' : 'What should be done next?';
};

/** Enter sends, with Ctrl after this turn, with Shift it is a new line; Esc stops. */
function onKey(page: Page, event: KeyboardEvent): void {
  if (event.isComposing) return;
  if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    send(page, event.ctrlKey || event.metaKey ? 'next' : 'now');
  }
  if (event.key !== 'Escape') return;
  const task = activeTask(page.chat);
  if (task === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  stop(page, task.runId);
}

/** Sends what is typed: a message to the agent that works, or else a task. It stays typed until the host has it. */
function send(page: Page, when: 'now' | 'next'): void {
  if (!canSend(page)) return;
  const { chat, ui } = page;
  const task = activeTask(chat);
  if (task !== undefined) page.send({ type: 'message', runId: task.runId, text: ui.draft, when });
  else if (chat.chosen !== undefined) {
    const session = endOfSession(chat) === undefined ? chat.session : null;
    page.send({ type: 'submit', session, prompt: ui.draft, chosen: chat.chosen });
  }
  page.change({ atEnd: true });
}
