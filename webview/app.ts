import { render } from 'lit-html';
import type { ToHostBody, ToPage } from '../src/protocol/chat.ts';
import type { Host } from './host.ts';
import { bounded, readKept } from './kept.ts';
import { activeTask, INITIAL_CHAT, type ChatState } from './state/chat-state.ts';
import { reduceChat, withPending } from './state/reduce-chat.ts';
import { chatView } from './views/chat.ts';
import { INITIAL_UI, type Page, type Ui } from './views/page.ts';

/** Pixels from its end within which the conversation counts as scrolled to it. */
const NEAR_END = 24;
/** Milliseconds between looks at the clock while something goes on. */
const TICK = 1000;

/** The page: takes what the host says, draws at most once a frame, and keeps what outlives it. */
export class App implements Page {
  chat: ChatState = INITIAL_CHAT;
  ui: Ui = INITIAL_UI;
  now = Date.now();
  readonly #host: Host;
  readonly #root: HTMLElement;
  readonly #sizes = new ResizeObserver(() => {
    this.#settleScroll();
  });
  #isScheduled = false;
  /** Where to scroll to once there is something to scroll. */
  #scroll: number | undefined;
  /** Where it was scrolled to when that was looked at last. */
  #top = 0;
  /** The session that it belongs to. */
  readonly #scrolled: string | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, root: HTMLElement) {
    this.#host = host;
    this.#root = root;
    const kept = readKept(host.kept());
    this.#scroll = kept.scroll;
    this.#scrolled = kept.session;
    this.ui = { ...INITIAL_UI, draft: kept.draft, atEnd: kept.scroll === undefined };
    host.listen({
      onMessage: (message) => {
        this.#take(message);
      },
      onUnreadable: () => {
        this.#fail();
      },
    });
    root.addEventListener('click', this.#onClick);
    root.addEventListener('keydown', this.#onKey);
    setInterval(() => {
      if (activeTask(this.chat) !== undefined) this.#schedule();
    }, TICK);
    this.send({ type: 'ready' });
    this.#schedule();
  }

  readonly send = (message: ToHostBody): void => {
    const id = this.#host.send(message);
    this.chat = withPending(this.chat, id, message);
    this.#schedule();
  };

  readonly change = (ui: Partial<Ui>): void => {
    this.ui = { ...this.ui, ...ui };
    this.#schedule();
    this.#keepSoon();
  };

  #take(message: ToPage): void {
    const before = this.chat;
    if (message.type === 'reply') this.#answered(message.id, message.error === undefined);
    const { state, ask } = reduceChat(before, message, Date.now());
    this.chat = state;
    if (ask !== undefined) this.send(ask);
    if (message.type === 'draft') this.change({ draft: joined(this.ui.draft, message.text) });
    if (message.type === 'draft' || (message.type === 'show' && message.what === 'prompt'))
      this.#focusPrompt();
    if (message.type === 'show' && message.what === 'sessions') {
      this.change({ showsSessions: !this.ui.showsSessions });
    }
    if (message.type === 'session' && message.id !== before.session) {
      const isBack = !before.hasSession && message.id === this.#scrolled;
      if (!isBack) this.#scroll = undefined;
      this.change({ showsSessions: false, ...(isBack ? {} : { atEnd: true }) });
    }
    this.#schedule();
  }

  /** What was typed stays until the host has it; then the box is free for the next. */
  #answered(id: number, isTaken: boolean): void {
    const message = this.chat.pending.get(id);
    if (message?.type !== 'submit' && message?.type !== 'message') return;
    const sent = message.type === 'submit' ? message.prompt : message.text;
    if (isTaken && this.ui.draft === sent) this.change({ draft: '' });
    this.#focusPrompt();
  }

  #fail(): void {
    const error = {
      code: 'bad-frame',
      message: 'The editor has sent something that this page cannot read.',
      fix: 'Reload the window, so that both are of the same version.',
      remedies: [],
    };
    this.chat = { ...this.chat, failure: { message: { type: 'ready' }, error } };
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    this.now = Date.now();
    render(chatView(this, this.#toEnd), this.#root);
    const timeline = this.#timeline();
    if (timeline === null) return;
    timeline.onscroll = this.#onScroll;
    const conversation = timeline.firstElementChild;
    if (conversation !== null) this.#sizes.observe(conversation);
    this.#sizes.observe(timeline);
    this.#settleScroll();
  }

  /** Where the user has left the conversation, or its end as it grows; controls take their size after they were drawn. */
  #settleScroll(): void {
    const timeline = this.#timeline();
    if (timeline === null) return;
    if (this.#scroll !== undefined && this.chat.runs.size > 0) {
      timeline.scrollTop = this.#scroll;
      if (timeline.scrollHeight - timeline.clientHeight >= this.#scroll) this.#scroll = undefined;
    } else if (this.ui.atEnd) timeline.scrollTop = timeline.scrollHeight;
    this.#top = timeline.scrollTop;
  }

  readonly #toEnd = (): void => {
    this.change({ atEnd: true });
  };

  readonly #onScroll = (): void => {
    const timeline = this.#timeline();
    if (timeline === null || this.#scroll !== undefined) return;
    const { scrollTop, scrollHeight, clientHeight } = timeline;
    const below = scrollHeight - scrollTop - clientHeight;
    const isUp = scrollTop < this.#top && below > 1;
    this.#top = scrollTop;
    // The first steps of a scroll that is animated are small; and what has grown below is nothing that the user has done.
    const atEnd = !isUp && (this.ui.atEnd || below < NEAR_END);
    if (atEnd !== this.ui.atEnd) this.change({ atEnd });
    this.#keepSoon();
  };

  /** Links lead nowhere by themselves: the host is asked to open what they name. */
  readonly #onClick = (event: Event): void => {
    const link = event.composedPath().find((each): each is HTMLElement => isLink(each));
    if (link === undefined) return;
    event.preventDefault();
    const { href, path, line } = link.dataset;
    if (href !== undefined) this.send({ type: 'open-link', href });
    const runId = link.closest<HTMLElement>('[data-run]')?.dataset['run'];
    if (path !== undefined && runId !== undefined) {
      this.send({ type: 'open-file', runId, path, ...(line === undefined ? {} : { line: Number(line) }) });
    }
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    if (event.key === 'Enter' && isLink(target)) target.click();
  };

  #focusPrompt(): void {
    requestAnimationFrame(() => {
      this.#root.querySelector<HTMLElement>('#prompt')?.focus();
    });
  }

  #timeline(): HTMLElement | null {
    return this.#root.querySelector<HTMLElement>('#timeline');
  }

  #keepSoon(): void {
    if (this.#keeping !== undefined) return;
    this.#keeping = setTimeout(() => {
      this.#keeping = undefined;
      const scroll = this.ui.atEnd ? undefined : this.#timeline()?.scrollTop;
      const { session } = this.chat;
      const kept = {
        draft: this.ui.draft,
        ...(session === null ? {} : { session }),
        ...(scroll === undefined ? {} : { scroll }),
      };
      this.#host.keep(bounded(kept));
    }, 200);
  }
}

const isLink = (target: EventTarget | undefined): target is HTMLElement =>
  target instanceof HTMLElement &&
  (target.dataset['href'] !== undefined || target.dataset['path'] !== undefined);

const joined = (draft: string, text: string): string =>
  draft.trim() === '' ? text : `${draft.trimEnd()}\n\n${text}`;
