import type {
  Choices,
  Chosen,
  Place,
  ReviewedFile,
  SessionRun,
  SessionSummary,
  WrittenPart,
} from '../../protocol/chat.ts';
import type { OffloadError } from '../../protocol/error.ts';
import type { ChangeEvent, RunEvent } from '../../protocol/event.ts';
import type { Waiting } from '../task/waiting.ts';

/** How things stand, whichever session is shown. */
export interface Overview {
  /** The newest first. */
  sessions: SessionSummary[];
  choices: Choices;
  /** What a task has where nothing was picked. */
  defaults: Chosen;
  trusted: boolean;
  /** What keeps tasks from being started at all. */
  obstacle: OffloadError | undefined;
}

/** A task that goes on in a session, or begins one. */
export interface NewTask {
  /** Its run, named before anything is sent. */
  runId: string;
  session: string | null;
  prompt: string;
  chosen: Chosen;
}

/** A button under an error. */
export interface Fix {
  label: string;
  apply: () => Promise<void>;
}

export interface Disposable {
  dispose(): unknown;
}

/** What the chat needs of the editor. A session is named by its first run. Errors are `OffloadError`s. */
export interface ChatBackend {
  overview(): Promise<Overview>;
  /** The tasks of a session, the oldest first; none for one that is not known. */
  tasks(session: string): Promise<Extract<SessionRun, { kind: 'task' }>[]>;
  /** Fires when something of the two above, or of what is decided about changes, may have changed. */
  onDidChange(listener: () => void): Disposable;

  /**
   * Prepares a task and sends it; resolves when it has been sent. An AbortError where the user wants no more of it.
   * @throws OffloadError `run-ended` where the session cannot be gone on with, and a new one has to be begun
   */
  start(task: NewTask, waiting: Waiting): Promise<void>;
  /** Notes what was picked, where more than the chat goes by it. */
  chose(chosen: Chosen): Promise<void>;
  /** Says something to the agent of a task. @throws OffloadError `run-ended` where it takes nothing any more */
  message(runId: string, text: string, when: 'now' | 'next'): Promise<void>;
  answer(
    runId: string,
    question: string,
    answer: { chosen: readonly string[]; text?: string },
  ): Promise<void>;
  /** Ends the agent's turn; what it did is kept. */
  interrupt(runId: string): Promise<void>;
  /** Ends a run; resolves when no process of it is left. */
  stop(runId: string): Promise<void>;
  /** Runs a piece of code; resolves with its run when that is on its way. */
  runCode(code: { language: string; code: string; place: Place }): Promise<string>;
  /** A run's events after the numbered one, each once, in order. `onAlive`: its backend is there. */
  follow(runId: string, after: number, signal: AbortSignal, onAlive: () => void): AsyncIterable<RunEvent>;

  /** What has been decided about a run's changes; undefined until the run's end has been dealt with. */
  decisions(runId: string, changes: readonly ChangeEvent[]): Promise<ReviewedFile[] | undefined>;
  /** Opens the changes of a run, or of one file. */
  review(runId: string, path: string | undefined): Promise<void>;
  accept(runId: string, path: string | undefined): Promise<void>;
  discard(runId: string, path: string | undefined): Promise<void>;

  /**
   * Forgets a session, once the user has said so.
   * @throws OffloadError `bad-request` where it goes on, or changes of it wait for a decision; an AbortError where the user
   * does not want it
   */
  remove(session: string, title: string): Promise<void>;
  /** Opens a file that an agent named: the user's own, or the changed one. */
  openFile(runId: string, path: string, line: number | undefined): Promise<void>;
  /** Opens the whole of what was written in a run, as far as it has come, as a text. */
  openWhole(runId: string, part: WrittenPart): Promise<void>;
  openLink(href: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** What can be done about an error, the likeliest first; `retry` does again what failed. */
  fixes(error: OffloadError, retry: (() => Promise<void>) | undefined): Fix[];
  /** Notes an error where its causes can be looked up. */
  log(error: unknown, doing: string): void;
}
