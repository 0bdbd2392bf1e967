import type * as vscode from 'vscode';
import type { Question } from '../../protocol/agent-item.ts';
import type { Dialogs } from '../dialogs.ts';
import type { FollowedRun } from '../run/followed-run.ts';
import type { RunRecord } from '../run/record.ts';
import type { Runs } from '../run/runs.ts';

/** Milliseconds after which a question stands: what is replayed is answered within them. */
const SETTLED_MS = 300;
/** Characters of a question in a notification. */
const MAX_TEXT = 200;

export interface NoticesOptions {
  runs: Runs;
  dialogs: () => Dialogs;
  answer: (record: RunRecord, question: Question) => Promise<void>;
  show: (record: RunRecord) => Promise<void>;
  report: (error: unknown, doing: string) => void;
}

/** Tells of questions that agents wait with, where the user does not see them in the chat. */
export class TaskNotices implements vscode.Disposable {
  readonly #options: NoticesOptions;
  readonly #subscription: vscode.Disposable;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#subscription = options.runs.onDidFollow(({ run, event }) => {
      if (event.type !== 'agent' || event.item.kind !== 'question') return;
      const question = event.item;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.#tell(run, question);
      }, SETTLED_MS);
      this.#timers.add(timer);
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #tell(run: FollowedRun, question: Question): Promise<void> {
    const { runs, dialogs, answer, show, report } = this.#options;
    const { record } = run;
    const waits = () => run.progress.questions.some(({ id }) => id === question.id);
    if (!waits() || (record.from === 'chat' && runs.isSeen(run))) return;
    const text = question.text.length > MAX_TEXT ? `${question.text.slice(0, MAX_TEXT)}…` : question.text;
    const pressed = await dialogs().ask({
      severity: 'info',
      message: `${record.title} asks: ${text}`,
      buttons: ['Answer…', 'Show Task'],
    });
    try {
      if (pressed === 'Answer…' && waits()) await answer(record, question);
      else if (pressed === 'Show Task') await show(record);
    } catch (error) {
      report(error, 'answer');
    }
  }
}
