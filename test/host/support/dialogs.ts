import type { QuickPickItem, Uri } from 'vscode';
import type { Dialogs, Question } from '../../../src/editor/dialogs.ts';

type Answer = (question: Question) => string | undefined;

/** Dialogs that a test answers; what nobody answers is closed, as users do. */
export class AnsweredDialogs implements Dialogs {
  readonly asked: Question[] = [];
  readonly picks: { items: readonly QuickPickItem[]; title: string }[] = [];
  folder: Uri | undefined;
  /** The start of the label that is picked. */
  picked = '';
  readonly #answers: Answer[] = [];

  /** From now on, a question whose message or detail holds `text` gets this button. The newest rule wins. */
  answer(text: string, button: string): void {
    this.#answers.unshift((question) =>
      `${question.message}\n${question.detail ?? ''}`.includes(text) ? button : undefined,
    );
  }

  /** The messages so far that hold a text. */
  withText(text: string): Question[] {
    return this.asked.filter(({ message }) => message.includes(text));
  }

  ask(question: Question): Promise<string | undefined> {
    this.asked.push(question);
    const button = this.#answers.map((answer) => answer(question)).find((each) => each !== undefined);
    if (button !== undefined && question.buttons?.includes(button) !== true) {
      const offered = question.buttons?.join(', ') ?? 'none';
      throw new Error(`"${question.message}" has no button "${button}" but ${offered}.`);
    }
    return Promise.resolve(button);
  }

  chooseFolder(): Promise<Uri | undefined> {
    return Promise.resolve(this.folder);
  }

  pick<T extends QuickPickItem>(items: T[], title: string): Promise<T | undefined> {
    this.picks.push({ items, title });
    return Promise.resolve(items.find(({ label }) => label.includes(this.picked)));
  }
}
