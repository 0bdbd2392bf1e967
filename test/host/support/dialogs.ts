import type { QuickPickItem, Uri } from 'vscode';
import type { Dialogs, Question, TextQuestion } from '../../../src/editor/dialogs.ts';

type Answer = (question: Question) => { button: string | undefined } | undefined;

/** Dialogs that a test answers; what nobody answers is closed, as users do. */
export class AnsweredDialogs implements Dialogs {
  readonly asked: Question[] = [];
  readonly picks: { items: readonly QuickPickItem[]; title: string }[] = [];
  folder: Uri | undefined;
  /** Parts of labels: the first item that has one of them is picked. */
  picked: string | readonly string[] = '';
  /** The starts of the labels that are ticked; those that come ticked where it is undefined. */
  ticked: readonly string[] | undefined;
  readonly inputs: TextQuestion[] = [];
  readonly #answers: Answer[] = [];
  readonly #texts: { prompt: string; text: string }[] = [];

  /** From now on, a question whose message or detail holds `text` gets this button, or is closed. The newest rule wins. */
  answer(text: string, button: string | undefined): void {
    this.#answers.unshift((question) =>
      `${question.message}\n${question.detail ?? ''}`.includes(text) ? { button } : undefined,
    );
  }

  /** From now on, this is typed where the title or the prompt of an input holds `prompt`. The newest rule wins. */
  type(prompt: string, text: string): void {
    this.#texts.unshift({ prompt, text });
  }

  /** The messages so far that hold a text. */
  withText(text: string): Question[] {
    return this.asked.filter(({ message }) => message.includes(text));
  }

  ask(question: Question): Promise<string | undefined> {
    this.asked.push(question);
    const { button } =
      this.#answers.map((answer) => answer(question)).find((each) => each !== undefined) ?? {};
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
    const wanted = [this.picked].flat();
    return Promise.resolve(items.find(({ label }) => wanted.some((each) => label.includes(each))));
  }

  pickSome<T extends QuickPickItem>(items: T[], title: string): Promise<T[] | undefined> {
    this.picks.push({ items, title });
    const { ticked } = this;
    return Promise.resolve(
      items.filter(({ label, picked }) =>
        ticked === undefined ? picked === true : ticked.some((each) => label.includes(each)),
      ),
    );
  }

  input(question: TextQuestion): Promise<string | undefined> {
    this.inputs.push(question);
    const asked = `${question.title}\n${question.prompt}`;
    const text = this.#texts.find(({ prompt }) => asked.includes(prompt))?.text;
    const wrong = text === undefined ? undefined : question.check?.(text);
    if (wrong !== undefined) throw new Error(`"${question.prompt}" does not take the text: ${wrong}`);
    return Promise.resolve(text);
  }
}
