import type { Question } from '../../protocol/agent-item.ts';
import type { Dialogs } from '../dialogs.ts';
import { labelText, plainText } from '../plain-text.ts';
import type { RunRecord } from '../run/record.ts';
import type { TaskService } from './task-service.ts';

/** What was chosen, and what was written. */
export interface Answer {
  chosen: string[];
  text?: string | undefined;
}

/** Asks the user what a task's agent asks, and tells the agent. */
export async function answerQuestion(
  { dialogs, tasks }: { dialogs: Dialogs; tasks: Pick<TaskService, 'answer'> },
  { runId, title }: Pick<RunRecord, 'runId' | 'title'>,
  question: Question,
): Promise<void> {
  const given = await askAnswer(dialogs, title, question);
  if (given !== undefined) await tasks.answer(runId, question.id, given);
}

/** Asks the user what an agent asks. @returns undefined when the user does not answer now */
export async function askAnswer(
  dialogs: Dialogs,
  title: string,
  question: Question,
): Promise<Answer | undefined> {
  const { options, multiple, free } = question;
  const asked = plainText(question.text).replaceAll('\n', ' ');
  const shownTitle = plainText(title);
  if (options.length === 0) return write(dialogs, shownTitle, asked);
  const items = options.map(({ label, description }) => ({
    label: labelText(label),
    ...(description === undefined ? {} : { detail: plainText(description) }),
    value: label,
  }));
  if (multiple) {
    const picked = await dialogs.pickSome(items, shownTitle, asked);
    if (picked === undefined) return undefined;
    if (picked.length > 0 || !free) return { chosen: picked.map(({ value }) => value) };
    return write(dialogs, shownTitle, asked);
  }
  const another = { label: '$(edit) Another Answer…', value: undefined };
  const picked = await dialogs.pick([...items, ...(free ? [another] : [])], shownTitle, asked);
  if (picked === undefined) return undefined;
  return picked.value === undefined ? write(dialogs, shownTitle, asked) : { chosen: [picked.value] };
}

async function write(dialogs: Dialogs, title: string, prompt: string): Promise<Answer | undefined> {
  const text = await dialogs.input({ title, prompt });
  return text === undefined ? undefined : { chosen: [], text };
}
