import type { ToHostBody } from '../../src/protocol/chat.ts';
import type { ChatState } from '../state/chat-state.ts';

/** What is open, typed or picked on the page alone. Never changed in place. */
export interface Ui {
  /** What is typed in the prompt box. */
  readonly draft: string;
  /** Keys of what was opened: rows, lists, long texts. */
  readonly open: ReadonlySet<string>;
  /** What is chosen and written for questions that are not answered yet, by the question's key. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly showsSessions: boolean;
  readonly showsOptions: boolean;
  /** What is written in place of a model or budget that is offered; undefined while one of those is picked. */
  readonly modelText: string | undefined;
  readonly budgetText: string | undefined;
  /** Runs whose agent was asked to stop; to press once more ends them. */
  readonly interrupted: ReadonlySet<string>;
  /** Whether the page is scrolled to its end, and stays there as things come. */
  readonly atEnd: boolean;
}

export interface Answer {
  readonly chosen: readonly string[];
  readonly text: string;
}

export const INITIAL_UI: Ui = {
  draft: '',
  open: new Set(),
  answers: new Map(),
  showsSessions: false,
  showsOptions: false,
  modelText: undefined,
  budgetText: undefined,
  interrupted: new Set(),
  atEnd: true,
};

/** What views are given: what there is to show, and the ways back. */
export interface Page {
  readonly chat: ChatState;
  readonly ui: Ui;
  /** Milliseconds since 1970, as the page is drawn. */
  readonly now: number;
  send(message: ToHostBody): void;
  change(ui: Partial<Ui>): void;
}

/** Opens what is closed under this key, and closes what is open. */
export function toggle(page: Page, key: string): void {
  const open = new Set(page.ui.open);
  if (!open.delete(key)) open.add(key);
  page.change({ open });
}
