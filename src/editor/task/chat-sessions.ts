import { endedForGood, goesOn, LOCAL } from '../../core/targets/target.ts';
import type { SessionRun, SessionSummary } from '../../protocol/chat.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Offload } from '../offload.ts';
import { plainText } from '../plain-text.ts';
import type { RunRecord, TaskPart } from '../run/record.ts';
import { chosenOf } from './chat-choices.ts';

export type TaskRecord = RunRecord & { task: TaskPart };
export type TaskOfSession = Extract<SessionRun, { kind: 'task' }>;

const DELETE = 'Delete';

/** The sessions of the chat: the conversations of the window's tasks, each named by its first. */
export class ChatSessions {
  readonly #offload: Offload;

  constructor(offload: Offload) {
    this.#offload = offload;
  }

  /** The one that was gone on with last is the first. */
  async summaries(): Promise<SessionSummary[]> {
    const sessions = new Map<string, SessionSummary>();
    for (const { runId, title, createdAt, task } of await this.#all()) {
      const active = this.#offload.runs.get(runId) !== undefined;
      const known = sessions.get(task.conversation);
      // They come with the newest first: the last that is seen is the first of its session, and names it.
      sessions.set(task.conversation, {
        id: task.conversation,
        title,
        updatedAt: known?.updatedAt ?? createdAt,
        active: active || known?.active === true,
      });
    }
    return [...sessions.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  }

  /** What is kept of a session's tasks, the newest first. */
  async records(session: string): Promise<TaskRecord[]> {
    return (await this.#all()).filter(({ task }) => task.conversation === session);
  }

  /** A session's tasks as the page shows them, in their order. */
  async tasks(session: string): Promise<TaskOfSession[]> {
    const records = await this.records(session);
    return records.reverse().map(({ runId, task, createdAt, target = LOCAL, hourUsd }) => ({
      kind: 'task',
      runId,
      prompt: task.prompt,
      chosen: chosenOf(task.options, target),
      createdAt,
      ...(goesOn(target) ? {} : { final: endedForGood(target).message }),
      ...(hourUsd === undefined ? {} : { hourUsd }),
    }));
  }

  /** Keeps nothing of a session, once its user has agreed. @throws OffloadError; an AbortError where they do not */
  async remove(session: string, title: string): Promise<void> {
    const { dialogs, reviews, runs, tasks } = this.#offload;
    const records = await this.records(session);
    if (records.some(({ runId }) => runs.get(runId) !== undefined)) {
      throw new OffloadError('bad-request', 'The session cannot be removed: a task of it goes on.', {
        fix: 'Stop it first.',
      });
    }
    if (records.some(({ runId }) => reviews.get(runId) !== undefined)) {
      throw new OffloadError(
        'bad-request',
        'The session cannot be removed: changes of it wait for a decision.',
        {
          fix: 'Accept or discard them first.',
        },
      );
    }
    const answer = await dialogs.ask({
      severity: 'warning',
      modal: true,
      message: `Delete the chat "${plainText(title).replaceAll('\n', ' ')}"?`,
      detail: 'It cannot be brought back or gone on with. What you accepted stays in your files.',
      buttons: [DELETE],
    });
    if (answer !== DELETE) throw new DOMException('The chat is to be kept.', 'AbortError');
    for (const record of records) await tasks.forget(record);
  }

  async #all(): Promise<TaskRecord[]> {
    const records = await this.#offload.tasks.all();
    return records.flatMap((record) => (record.task === undefined ? [] : [{ ...record, task: record.task }]));
  }
}
