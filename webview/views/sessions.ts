import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { button, iconButton } from '../components/button.ts';
import { progressRing } from '../components/progress-ring.ts';
import { visible } from '../text/visible.ts';
import type { Page } from './page.ts';

/** The sessions of this workspace, the newest first. */
export function sessionsView(page: Page): TemplateResult {
  const { chat, now } = page;
  const close = () => {
    page.change({ showsSessions: false });
  };
  return html`<section
    class="sessions"
    aria-label="Earlier chats"
    @keydown=${(event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    }}
  >
    <div class="sessions-head">
      <h2>Chats</h2>
      ${button({
        label: 'New Chat',
        onPress: () => {
          close();
          page.send({ type: 'new-session' });
        },
      })}
      ${iconButton({ label: 'Close the List', icon: 'close', onPress: close })}
    </div>
    ${chat.sessions.length === 0 ? html`<p class="quiet">There is none yet.</p>` : ''}
    <ul>
      ${repeat(
        chat.sessions,
        ({ id }) => id,
        ({ id, title, updatedAt, active }) =>
          html`<li class="session" ?data-current=${id === chat.session}>
            <button
              class="session-open"
              aria-current=${id === chat.session ? 'true' : 'false'}
              title=${visible(title)}
              @click=${() => {
                close();
                page.send({ type: 'select-session', session: id });
              }}
            >
              ${active ? progressRing() : ''}
              <span class="session-title">${visible(title)}</span>
              <span class="quiet">${ago(updatedAt, now)}</span>
            </button>
            ${iconButton({
              label: `Delete ${visible(title)}`,
              icon: 'trash',
              disabled: active,
              onPress: () => {
                page.send({ type: 'delete-session', session: id });
              },
            })}
          </li>`,
      )}
    </ul>
  </section>`;
}

/** `now`, `5 min`, `3 h`, or the date. */
function ago(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${String(minutes)} min`;
  if (minutes < 24 * 60) return `${String(Math.floor(minutes / 60))} h`;
  return new Date(time).toLocaleDateString();
}
